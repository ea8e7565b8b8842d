import numpy as np
import pytest
import torch
from monai.transforms import Spacing

from mmfeat.preprocessing.grids import centred_grid, corner_grid, spacing_grid, world_grid
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampling import sample
from mmfeat.volumes import Volume


@pytest.mark.parametrize(
    ("axes", "spacing_mm"), [("RAS", (1.5, 1.5, 3.0)), ("SPL", (3.0, 1.0, 1.0)), ("PIR", (4, 7, 2))]
)
def test_size_and_place_are_those_of_monai(volume, as_monai, axes, spacing_mm):
    turned = reorient(volume, axes)
    ours = spacing_grid(turned, spacing_mm)
    theirs = Spacing(spacing_mm)(as_monai(turned))
    assert ours.shape == tuple(theirs.shape[1:])
    np.testing.assert_allclose(ours.affine, theirs.affine.numpy(), atol=1e-9)


def test_a_grid_along_the_body_is_monais_diagonal_one(volume, as_monai):
    theirs = Spacing((1.5, 1.0, 2.0), diagonal=True)(as_monai(volume))
    ours = world_grid(volume, (1.5, 1.0, 2.0))
    assert ours.shape == theirs.shape[1:]
    np.testing.assert_allclose(ours.affine, theirs.affine.numpy(), atol=1e-9)
    np.testing.assert_allclose(volume.affine @ ours.to_source, ours.affine, atol=1e-9)


def test_the_matrix_to_the_source_leads_to_the_same_places_as_the_affine(volume):
    grid = spacing_grid(volume, (2.0, 1.1, 0.7))
    np.testing.assert_allclose(volume.affine @ grid.to_source, grid.affine, atol=1e-9)


def test_a_spacing_that_differs_by_less_than_a_thousandth_leaves_the_voxels_alone():
    volume = Volume(np.zeros((6, 7, 8), np.int16), np.diag([1.0004, 1.0, 1.0, 1.0]))
    grid = spacing_grid(volume, (1.0, 1.0, 1.0))
    np.testing.assert_array_equal(grid.to_source, np.eye(4))
    assert grid.shape == (6, 7, 8)


@pytest.mark.parametrize("turn_deg", [(25, -14, 33), (3, 0, 0), (-7, 11, 2), (0, 0, 45), (1, 2, 3)])
def test_half_a_voxel_is_rounded_alike_however_the_volume_is_turned(make_volume, turn_deg):
    straight, turned = (
        make_volume((6, 8, 10), (1.5, 0.75, 0.75), turn_deg=turn) for turn in ((0, 0, 0), turn_deg)
    )
    assert spacing_grid(straight, (1.5, 1.5, 1.5)).shape == (6, 4, 6)
    assert spacing_grid(turned, (1.5, 1.5, 1.5)).shape == (6, 4, 6)


def test_a_part_of_a_grid_is_where_it_was_in_the_whole(volume):
    whole = spacing_grid(volume, (2.0, 2.0, 2.0))
    box = tuple(slice(n // 4, n // 4 + max(n // 2, 1)) for n in whole.shape)
    part = whole.cropped(box)
    corner = np.array([*(axis.start for axis in box), 1.0])
    assert part.shape == tuple(axis.stop - axis.start for axis in box)
    np.testing.assert_allclose(part.affine[:, 3], whole.affine @ corner)
    np.testing.assert_allclose(part.to_source[:, 3], whole.to_source @ corner)


def test_a_centred_grid_has_the_centre_of_the_volume(volume):
    shape = (3, 6, 5)
    grid = centred_grid(volume, (2.5, 1.5, 4.0), shape)
    middle, new_middle = ([*((np.array(n) - 1) / 2), 1.0] for n in (volume.hu.shape, shape))
    np.testing.assert_allclose(grid.affine @ new_middle, volume.affine @ middle, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(grid.affine[:3, :3], axis=0), (2.5, 1.5, 4.0))


@pytest.mark.parametrize("shape", [(12, 9, 20), (3, 30, 7), (11, 13, 15)])
def test_a_corner_grid_samples_as_torch_does_with_aligned_corners(shape):
    hu = np.random.default_rng(0).normal(0, 300, (11, 13, 15)).astype(np.float32)
    volume = Volume(hu, np.eye(4))
    ours = sample(volume, corner_grid(volume, shape)).hu
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(hu)[None, None], shape, mode="trilinear", align_corners=True
    )
    np.testing.assert_allclose(ours, theirs[0, 0].numpy(), atol=2e-3)


def test_a_spacing_of_zero_is_refused():
    with pytest.raises(ValueError, match="spacing_mm must be above 0"):
        world_grid(Volume(np.zeros((2, 2, 2), np.int16), np.eye(4)), (1.0, -1.0, 1.0))
    with pytest.raises(ValueError, match=r"above 0, got \(1.0, 0.0, 1.0\)"):
        spacing_grid(Volume(np.zeros((2, 2, 2), np.int16), np.eye(4)), (1.0, 0.0, 1.0))
