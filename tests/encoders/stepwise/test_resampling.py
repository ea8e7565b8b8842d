"""Steps that interpolate, against MONAI and torch."""

import numpy as np
import pytest
import torch
from monai.transforms import Spacing
from torch.nn.functional import interpolate

from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.encoders.stepwise import Resample, ResampleIsotropic, Resize
from mmfeat.preprocessing.orientation import reorient


def _by_torch(hu, shape, **how):
    values = torch.from_numpy(np.array(hu, np.float32))[None, None]
    return interpolate(values, size=shape, **how)[0, 0].numpy()


def test_a_spacing_that_keeps_the_first_voxel_is_monais(as_monai):
    scan = reorient(made_up_scan(), "SPL")
    resampled = Resample((3.0, 1.0, 2.0)).apply(scan)
    expected = Spacing((3.0, 1.0, 2.0), mode="bilinear")(as_monai(scan))
    assert resampled.hu.shape == tuple(expected.shape[1:])
    np.testing.assert_allclose(resampled.hu, expected[0].numpy(), atol=0.02)
    np.testing.assert_allclose(resampled.spacing_mm, (3.0, 1.0, 2.0))


def test_a_spacing_that_keeps_edges_is_torchs_interpolate_to_the_rounded_size():
    scan = made_up_scan()  # (31, 58, 70) voxels of (2.5, 1.7, 1.6) mm
    resampled = Resample((1.25, 1.25, 1.25), keeps="edges").apply(scan)
    assert resampled.hu.shape == (62, 79, 90)
    expected = _by_torch(scan.hu, (62, 79, 90), mode="trilinear", align_corners=False)
    np.testing.assert_allclose(resampled.hu, expected, atol=0.02)
    extent = np.multiply(resampled.hu.shape, resampled.spacing_mm)
    np.testing.assert_allclose(extent, np.multiply(scan.hu.shape, scan.spacing_mm))


def test_an_axis_without_a_spacing_stays_as_it_is():
    scan = made_up_scan()
    resampled = Resample((5.0, None, None)).apply(scan)
    assert resampled.hu.shape == (16, 58, 70)
    np.testing.assert_allclose(resampled.spacing_mm, (5.0, 1.7, 1.6))


@pytest.mark.parametrize(
    ("spacing_mm", "edge_mm"), [((2.5, 1.7, 1.6), 1.6), ((2.5, 0.4, 0.4), 0.75)]
)
def test_cubes_have_the_smallest_spacing_but_not_below_the_limit(spacing_mm, edge_mm):
    scan = made_up_scan((11, 20, 30), spacing_mm)
    cubes = ResampleIsotropic(0.75).apply(scan)
    shape = tuple(round(n * mm / edge_mm) for n, mm in zip(scan.hu.shape, spacing_mm, strict=True))
    assert cubes.hu.shape == shape
    expected = _by_torch(scan.hu, shape, mode="trilinear", align_corners=False)
    np.testing.assert_allclose(cubes.hu, expected, atol=0.02)


def test_a_scan_of_cubes_stays_as_it_is_even_below_the_limit():
    scan = made_up_scan((11, 20, 30), (0.5, 0.5, 0.5))
    assert ResampleIsotropic(0.75).apply(scan) is scan


def test_resizing_is_torchs_interpolate_and_leaves_axes_without_a_number():
    scan = made_up_scan()
    resized = Resize((None, 24, 40)).apply(scan)
    expected = _by_torch(scan.hu, (31, 24, 40), mode="trilinear", align_corners=False)
    np.testing.assert_allclose(resized.hu, expected, atol=0.02)


def test_resizing_by_averages_is_torchs_area():
    scan = made_up_scan()
    resized = Resize((10, 24, None), "average").apply(scan)
    np.testing.assert_allclose(resized.hu, _by_torch(scan.hu, (10, 24, 70), mode="area"), atol=0.02)
    np.testing.assert_allclose(resized.spacing_mm, (7.75, 1.7 * 58 / 24, 1.6))


@pytest.mark.parametrize(
    ("step", "known"),
    [
        (Resample((3.0, None, 1.0)), (None, 5, None)),
        (ResampleIsotropic(0.75), (None, None, None)),
        (Resize((None, 24, 40)), (4, 24, 40)),
    ],
)
def test_a_step_knows_which_lengths_it_leaves_known(step, known):
    assert step.size_after((4, 5, 6)) == known


def test_steps_are_told_apart_by_their_text():
    steps = [
        Resample((3.0, 1.0, 1.0)),
        Resample((3.0, 1.0, 1.0), keeps="edges"),
        Resample((3.0, None, None)),
        ResampleIsotropic(0.75),
        ResampleIsotropic(1.0),
        Resize((None, 24, 40)),
        Resize((None, 24, 40), "average"),
    ]
    assert len({str(step.text()) for step in steps}) == len(steps)
