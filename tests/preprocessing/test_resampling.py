import numpy as np
import pytest
from monai.transforms import Spacing

from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.resampling import resample, sample, spacing_grid
from mmfeat.volumes import Volume

LIKE_MONAI_HU = 2e-3
"""Float32 against MONAI's float64: a few units of the last place of values up to some 3,000 HU."""


@pytest.mark.parametrize(
    ("axes", "spacing_mm"),
    [
        ("RAS", (1.5, 1.5, 3.0)),
        ("SPL", (3.0, 1.0, 1.0)),
        ("RAS", (0.6, 1.1, 2.3)),
        ("PIR", (4.0, 7.0, 2.0)),
    ],
)
def test_shape_place_and_values_are_those_of_monai(volume, as_monai, axes, spacing_mm):
    turned = reorient(volume, axes)
    ours = resample(turned, spacing_mm)
    theirs = Spacing(spacing_mm)(as_monai(turned))
    assert ours.hu.shape == tuple(theirs.shape[1:])
    np.testing.assert_allclose(ours.affine, theirs.affine.numpy(), atol=1e-9)
    np.testing.assert_allclose(ours.hu, theirs[0].numpy(), atol=LIKE_MONAI_HU)


@pytest.mark.parametrize("shear", [0.02, -0.1, 0.3])
def test_a_sheared_volume_is_straightened_as_monai_does(as_monai, shear):
    affine = np.diag([2.0, 1.0, 1.0, 1.0])
    affine[1, 0] = shear
    hu = np.random.default_rng(0).normal(0, 300, (20, 24, 28)).astype(np.float32)
    volume = Volume(hu, affine)
    ours = resample(volume, (1.5, 1.5, 1.5))
    theirs = Spacing((1.5, 1.5, 1.5))(as_monai(volume))
    assert ours.hu.shape == tuple(theirs.shape[1:])
    np.testing.assert_allclose(ours.affine, theirs.affine.numpy(), atol=1e-9)
    np.testing.assert_allclose(ours.hu, theirs[0].numpy(), atol=LIKE_MONAI_HU)


def test_a_ramp_stays_the_ramp_of_the_new_positions():
    hu = np.broadcast_to(np.arange(5, dtype=np.float32)[:, None, None] * 10, (5, 2, 3))
    ours = resample(Volume(hu, np.diag([2.0, 1.0, 1.0, 1.0])), (1.0, 1.0, 1.0))
    np.testing.assert_array_equal(ours.hu[:, 0, 0], np.arange(9) * 5)


def test_a_spacing_that_differs_by_less_than_a_thousandth_leaves_the_voxels_alone(as_monai):
    hu = np.random.default_rng(0).normal(size=(6, 7, 8)).astype(np.float32)
    volume = Volume(hu, np.diag([1.0004, 1.0, 1.0, 1.0]))
    ours = resample(volume, (1.0, 1.0, 1.0))
    np.testing.assert_array_equal(ours.hu, Spacing((1.0, 1.0, 1.0))(as_monai(volume))[0].numpy())
    np.testing.assert_array_equal(ours.hu, hu)


def test_a_part_of_the_grid_has_the_values_of_the_whole(volume):
    whole = spacing_grid(volume, (2.0, 2.0, 2.0))
    box = tuple(slice(n // 4, n // 4 + max(n // 2, 1)) for n in whole.shape)
    part = sample(volume, whole.cropped(box))
    np.testing.assert_allclose(part.hu, sample(volume, whole).hu[box], atol=LIKE_MONAI_HU)
    corner = np.array([*(axis.start for axis in box), 1.0])
    np.testing.assert_allclose(part.affine[:, 3], whole.affine @ corner)


def test_the_given_volume_is_left_as_it_is(volume):
    before = volume.hu.copy()
    resample(reorient(volume, "SPL"), (3.0, 1.0, 1.0))
    np.testing.assert_array_equal(volume.hu, before)


def test_a_spacing_of_zero_is_refused():
    with pytest.raises(ValueError, match=r"above 0, got \(1.0, 0.0, 1.0\)"):
        spacing_grid(Volume(np.zeros((2, 2, 2), np.float32), np.eye(4)), (1.0, 0.0, 1.0))
