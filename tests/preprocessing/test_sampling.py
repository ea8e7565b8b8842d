import dataclasses
import tracemalloc

import numpy as np
import pytest
from monai.transforms import Spacing

from mmfeat.preprocessing.grids import Grid, spacing_grid
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampling import sample, sampled_slices
from mmfeat.volumes import Volume

from .orientations import ORIENTATIONS, stored_as

LIKE_MONAI_HU = 0.1
"""Of a window of 2,000 HU a twenty-thousandth; where no affine is rounded, it is below 0.001."""


@pytest.mark.parametrize(
    ("axes", "spacing_mm"),
    [
        ("RAS", (1.5, 1.5, 3.0)),
        ("SPL", (3.0, 1.0, 1.0)),
        ("RAS", (0.6, 1.1, 2.3)),
        ("PIR", (4.0, 7.0, 2.0)),
    ],
)
def test_values_are_those_of_monai(volume, as_monai, axes, spacing_mm):
    turned = reorient(volume, axes)
    ours = sample(turned, spacing_grid(turned, spacing_mm)).hu
    theirs = Spacing(spacing_mm)(as_monai(turned))[0].numpy()
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=LIKE_MONAI_HU)


@pytest.mark.parametrize("tilt_deg", [0, 14])
@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_any_order_of_axes_gives_the_same_values(make_volume, axes, tilt_deg):
    volume = make_volume((9, 14, 17), (2.7, 0.9, 0.8), turn_deg=(9, 5, 7), gantry_tilt_deg=tilt_deg)
    expected = reorient(volume, "RAS")
    expected = sample(expected, spacing_grid(expected, (1.5, 1.1, 2.3)))
    other = reorient(stored_as(volume, axes), "RAS")
    other = sample(other, spacing_grid(other, (1.5, 1.1, 2.3)))
    np.testing.assert_allclose(other.hu, expected.hu, atol=1e-3)
    np.testing.assert_allclose(other.affine, expected.affine, atol=1e-9)


@pytest.mark.parametrize("axes", ["RAS", "SPL", "AIL"])
def test_the_slices_cover_the_grid_once_and_may_be_changed(volume, axes):
    turned = reorient(volume, axes)
    grid = spacing_grid(turned, (2.0, 1.2, 1.4))
    seen, hu = np.zeros(grid.shape, int), np.empty(grid.shape, np.float32)
    for box, values in sampled_slices(turned, grid):
        assert values.shape == hu[box].shape
        seen[box] += 1
        hu[box] = values
        values[...] = np.nan
    assert (seen == 1).all()
    np.testing.assert_array_equal(hu, sample(turned, grid).hu)


def test_int16_gives_the_numbers_of_float32(volume):
    as_float = dataclasses.replace(volume, hu=volume.hu.astype(np.float32))
    grid = spacing_grid(volume, (1.3, 1.2, 1.4))
    np.testing.assert_array_equal(sample(volume, grid).hu, sample(as_float, grid).hu)


@pytest.mark.parametrize("slant", [0.0, 0.25])
def test_neighbours_further_apart_than_int16_reaches_are_blended_right(slant):
    hu = np.array([-32768, 32767] * 4, np.int16).reshape(2, 2, 2)  # differs along the last axis
    to_source = np.eye(4)
    to_source[2, 2], to_source[2, 0] = 0.25, slant
    ours = sample(Volume(hu, np.eye(4)), Grid((2, 2, 5), to_source, to_source)).hu
    share = np.clip(slant * np.arange(2)[:, None] + 0.25 * np.arange(5), 0, 1)
    np.testing.assert_allclose(ours[:, 0], -32768 + 65535 * share, rtol=1e-6, atol=0.01)


def test_a_ramp_stays_the_ramp_of_the_new_positions():
    hu = np.broadcast_to(np.arange(5, dtype=np.int16)[:, None, None] * 10, (5, 2, 3))
    volume = Volume(hu, np.diag([2.0, 1.0, 1.0, 1.0]))
    ours = sample(volume, spacing_grid(volume, (1.0, 1.0, 1.0)))
    np.testing.assert_array_equal(ours.hu[:, 0, 0], np.arange(9) * 5)


@pytest.mark.parametrize("shear", [0.02, -0.1, 0.3])
def test_a_sheared_volume_is_straightened_as_monai_does(as_monai, shear):
    affine = np.diag([2.0, 1.0, 1.0, 1.0])
    affine[1, 0] = shear
    hu = np.random.default_rng(0).normal(0, 300, (20, 24, 28)).astype(np.float32)
    volume = Volume(hu, affine)
    ours = sample(volume, spacing_grid(volume, (1.5, 1.5, 1.5)))
    theirs = Spacing((1.5, 1.5, 1.5))(as_monai(volume))[0].numpy()
    np.testing.assert_allclose(ours.hu, theirs, atol=2e-3)


def test_a_part_of_the_grid_has_the_values_of_the_whole(volume):
    whole = spacing_grid(volume, (2.0, 2.0, 2.0))
    box = tuple(slice(n // 4, n // 4 + max(n // 2, 1)) for n in whole.shape)
    part = sample(volume, whole.cropped(box))
    np.testing.assert_allclose(part.hu, sample(volume, whole).hu[box], atol=LIKE_MONAI_HU)


@pytest.mark.parametrize("tilt_deg", [0, 14])
def test_no_copy_of_the_source_is_made(make_volume, tilt_deg):
    volume = reorient(make_volume((64, 128, 128), (3, 1, 1), gantry_tilt_deg=tilt_deg), "RAS")
    grid = spacing_grid(volume, (8.0, 8.0, 24.0))
    tracemalloc.start()
    sample(volume, grid)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < volume.hu.nbytes / 4


def test_the_given_volume_is_left_as_it_is_and_what_is_known_of_it_is_kept(volume):
    volume.hu.flags.writeable = False
    volume = dataclasses.replace(volume, header={"kernel": "B30f"})
    ours = sample(volume, spacing_grid(volume, (3.0, 1.0, 1.0)))
    assert ours.header == {"kernel": "B30f"}
    assert ours.notes == volume.notes
