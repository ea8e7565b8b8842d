"""How a volume lies, against MONAI, SimpleITK and angles that are known."""

import itertools

import numpy as np
import pytest
import SimpleITK
import torch
from monai.data import MetaTensor
from monai.transforms import Orientation

from mmfeat.quality.body_axes import oblique_deg, orientation_letters, upright, upright_index
from mmfeat.volumes import Volume

SPACING_MM = (1.5, 2.0, 3.0)


def _affines():
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            affine = np.eye(4)
            affine[:3, :3] = (np.eye(3)[:, order] * signs) @ np.diag(SPACING_MM)
            yield affine


def _tilted(degrees):
    turn = np.deg2rad(degrees)
    affine = np.eye(4)
    affine[:3, :3] = [
        [1, 0, 0],
        [0, np.cos(turn), -np.sin(turn)],
        [0, np.sin(turn), np.cos(turn)],
    ] @ np.diag(SPACING_MM)
    return affine


@pytest.mark.parametrize("affine", [*_affines(), _tilted(20)], ids=lambda _: "")
def test_upright_is_what_monai_makes_of_the_letters_spl(affine):
    hu = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    expected = Orientation("SPL", labels=None)(
        MetaTensor(torch.from_numpy(hu)[None], affine=torch.from_numpy(affine))
    )
    turned, spacing_mm = upright(Volume(hu, affine))
    np.testing.assert_array_equal(turned, expected[0].numpy())
    assert np.shares_memory(turned, hu)
    np.testing.assert_allclose(spacing_mm, expected.pixdim.numpy())


@pytest.mark.parametrize("affine", [*_affines(), _tilted(20)], ids=lambda _: "")
def test_a_point_lies_where_its_voxel_is_once_upright(affine):
    volume = Volume(np.arange(60, dtype=np.int16).reshape(3, 4, 5), affine)
    turned, _ = upright(volume)
    for index in ((0, 0, 0), (2, 1, 4), (1, 3, 2)):
        x, y, z, _ = (affine @ [*index, 1]).tolist()
        place = upright_index(volume, (x, y, z))
        np.testing.assert_allclose(place, np.round(place), atol=1e-9)
        assert turned[tuple(map(round, place))] == volume.hu[index]


@pytest.mark.parametrize("affine", [*_affines(), _tilted(20)], ids=lambda _: "")
def test_letters_are_those_of_simpleitk(affine):
    directions = np.diag([-1, -1, 1]) @ affine[:3, :3] / SPACING_MM  # LPS+, as DICOM has them
    letters = SimpleITK.DICOMOrientImageFilter.GetOrientationFromDirectionCosines(
        directions.ravel().tolist()
    )
    # ITK names where an axis points to, as nibabel does, and not where it comes from.
    assert orientation_letters(Volume(np.zeros((2, 2, 2), np.int16), affine)) == letters


@pytest.mark.parametrize("degrees", [0.0, 7.5, 30.0])
def test_obliquity_is_the_angle_of_a_turn_about_one_axis(degrees):
    volume = Volume(np.zeros((2, 2, 2), np.int16), _tilted(degrees))
    assert oblique_deg(volume) == pytest.approx(degrees, abs=1e-5)
