"""The cube about a point is that of FMCIB's own transforms, re-expressed in MONAI."""

import dataclasses

import numpy as np
import pytest
import torch
from monai.transforms import (
    Compose,
    NormalizeIntensityd,
    Orientationd,
    Spacingd,
    SpatialPadd,
    Transposed,
)

from mmfeat.encoders.preparing.point_crop import PointCrop
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.volumes import Volume, read_volume

IMAGE = "image"
OF_THE_SCALE = 2e-6
"""Largest difference to the authors' chain, where 3072 HU are 1: 0.006 HU."""
FMCIB = PointCrop(spacing_mm=(1.0, 1.0, 1.0), window_hu=(-1024.0, 2048.0), size=(50, 50, 50))
LPS = (("L", "R"), ("P", "A"), ("I", "S"))
REAL = ("totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz", "totalseg_abdomen_sm_3mm.nii.gz")


class _SeedCrop:
    """The crop of SeedBasedPatchCropd in fmcib/preprocessing at 1f1c0c8, said again."""

    def __init__(self, size: int, seed_lps_mm: tuple[float, float, float]) -> None:
        self._half = size // 2
        self._seed_lps_mm = seed_lps_mm

    def __call__(self, data):
        image = data[IMAGE]
        x, y, z = self._seed_lps_mm
        place = np.linalg.inv(image.affine.numpy()) @ np.array((-x, -y, z, 1))
        centre = [int(along) for along in place[:3]]
        firsts = [max(along - self._half, 0) for along in centre]
        lasts = [
            min(along + self._half, n) for along, n in zip(centre, image.shape[1:], strict=True)
        ]
        assert all(first < last for first, last in zip(firsts, lasts, strict=True))
        return {
            IMAGE: image[
                :, firsts[0] : lasts[0], firsts[1] : lasts[1], firsts[2] : lasts[2]
            ].as_tensor()
        }


def authors_cubes(volumes: list[Volume], as_monai, size: int = 50) -> list[np.ndarray]:
    """Return the cubes of the authors' chain, `(z, y, x)`, about the points of one volume.

    Its axes are brought into ITK's order before, as their reader has them.
    """
    volume = volumes[0]
    as_itk = dataclasses.replace(
        volume, hu=volume.hu.transpose(2, 1, 0).copy(), affine=volume.affine[:, [2, 1, 0, 3]]
    )
    whole = Compose(
        [
            NormalizeIntensityd(IMAGE, subtrahend=-1024, divisor=3072),
            Spacingd(
                IMAGE, 1, padding_mode="zeros", mode="bilinear", align_corners=True, diagonal=True
            ),
            Orientationd(IMAGE, "LPS", labels=LPS),
        ]
    )({IMAGE: as_monai(as_itk)})
    cubes = []
    for x, y, z in (volume.point_mm for volume in volumes):
        crop = Compose(
            [
                _SeedCrop(size, (-x, -y, z)),
                Transposed(IMAGE, (0, 3, 2, 1)),
                SpatialPadd(IMAGE, (size, size, size)),
            ]
        )
        cubes.append(torch.as_tensor(crop(whole)[IMAGE])[0].numpy())
    return cubes


def cube(volume: Volume, shrink: int = 1) -> np.ndarray:
    windows = FMCIB.changed({"shrink": shrink}).prepare(volume, NumpySampler())
    assert windows.shape == (1, 1, *(50 // shrink,) * 3)
    assert windows.dtype == np.float32
    return windows[0, 0]


def at(volume: Volume, *share: float) -> Volume:
    """Put the point at this share of the way along each axis of a volume."""
    index = np.array(share) * (np.array(volume.hu.shape) - 1)
    return dataclasses.replace(volume, point_mm=tuple((volume.affine @ [*index, 1.0])[:3].tolist()))


def with_affine(volume: Volume, directions: np.ndarray) -> Volume:
    """Turn or shear a volume in space."""
    affine = volume.affine.copy()
    affine[:3, :3] = directions @ affine[:3, :3]
    return dataclasses.replace(volume, affine=affine)


def _turned(make_scan) -> Volume:
    """A scan that leans about two axes of the body."""
    lean = np.deg2rad(12)
    about_x = [[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]]
    return with_affine(make_scan((40, 60, 70), (2.5, 1.7, 1.6), turn_deg=17), np.array(about_x))


SCANS = {
    "anisotropic": lambda make: make((16, 90, 80), (5.0, 0.83, 0.77)),
    "coarse": lambda make: make((12, 30, 34), (7.0, 3.1, 2.9)),
    "turned by 20 degrees": lambda make: make((20, 50, 54), (3.5, 1.9, 1.9), turn_deg=20),
    "turned about two axes": _turned,
    "stored from head to feet": lambda make: reorient(make((31, 58, 70)), "IRA"),
    "stored as RAS": lambda make: reorient(make((31, 58, 70)), "RAS"),
    "of 1 mm": lambda make: make((61, 75, 70), (1.0, 1.0, 1.0)),
    "of 1 mm, stored as SAR": lambda make: reorient(make((61, 75, 70), (1.0, 1.0, 1.0)), "SAR"),
}
MIDDLE_FRONT_AND_CORNER = ((0.52, 0.47, 0.55), (0.41, 0.03, 0.57), (0.98, 0.96, 0.01))


@pytest.mark.parametrize("name", SCANS)
def test_the_cube_is_that_of_the_authors_chain(name, make_scan, as_monai):
    scan = SCANS[name](make_scan)
    volumes = [at(scan, *place) for place in MIDDLE_FRONT_AND_CORNER]
    for volume, theirs in zip(volumes, authors_cubes(volumes, as_monai), strict=True):
        np.testing.assert_allclose(cube(volume), theirs, atol=OF_THE_SCALE)


@pytest.mark.parametrize("name", REAL)
def test_the_cube_of_a_real_scan_is_that_of_the_authors_chain(name, shared_data, as_monai):
    real = read_volume(shared_data / "ct_nifti" / name)
    volumes = [at(real, *place) for place in MIDDLE_FRONT_AND_CORNER]
    for volume, theirs in zip(volumes, authors_cubes(volumes, as_monai), strict=True):
        np.testing.assert_allclose(cube(volume), theirs, atol=OF_THE_SCALE)
        assert np.ptp(theirs) > 0.01


def test_a_smaller_cube_is_cut_in_the_same_way(make_scan, as_monai):
    volume = at(make_scan(), 0.4, 0.6, 0.5)
    (theirs,) = authors_cubes([volume], as_monai, size=25)
    np.testing.assert_allclose(cube(volume, shrink=2), theirs, atol=OF_THE_SCALE)


def test_values_above_the_scale_are_not_cut_off(make_scan):
    volume = make_scan((60, 60, 60), (1.0, 1.0, 1.0))
    hu = np.full_like(volume.hu, 5120)
    found = cube(at(dataclasses.replace(volume, hu=hu), 0.51, 0.52, 0.53))
    np.testing.assert_allclose(found, 2.0, atol=OF_THE_SCALE)


def test_a_scan_smaller_than_the_cube_is_in_its_middle_and_zero_is_around_it():
    hu = np.full((9, 9, 9), 512, np.int16)
    volume = Volume(hu, np.diag([1.0, 1.0, 1.0, 1.0]), point_mm=(1.2, 7.3, 4.4))
    found = cube(volume)
    inside = np.zeros((50, 50, 50), bool)
    inside[20:29, 20:29, 20:29] = True
    np.testing.assert_allclose(found[inside], 0.5, atol=OF_THE_SCALE)
    assert not found[~inside].any()


def test_whole_numbers_and_floats_of_the_same_scan_give_the_same_cube(make_scan):
    volume = at(make_scan(), 0.4, 0.6, 0.5)
    whole = dataclasses.replace(volume, hu=volume.hu.astype(np.int16))
    np.testing.assert_array_equal(cube(whole), cube(volume))


def test_the_order_of_the_axes_in_the_file_changes_nothing(make_scan):
    volume = at(make_scan(), 0.4123, 0.6234, 0.5345)
    for axes in ("LPS", "RAS", "SPL", "AIR", "PSR"):
        np.testing.assert_allclose(cube(reorient(volume, axes)), cube(volume), atol=OF_THE_SCALE)


def test_a_moved_point_gives_another_cube(make_scan):
    volume = make_scan()
    assert not np.allclose(cube(at(volume, 0.4, 0.6, 0.5)), cube(at(volume, 0.5, 0.6, 0.5)))


def test_a_scan_without_a_point_is_refused(make_scan):
    volume = dataclasses.replace(make_scan(), point_mm=None)
    with pytest.raises(VolumeError, match="no point of interest is given"):
        cube(volume)


def test_the_recipe_says_all_steps_in_plain_values():
    steps = FMCIB.steps()
    assert [next(iter(step)) for step in steps] == [
        "scale_hu_to_0_1",
        "resample_mm",
        "orient",
        "crop_about_point",
        "pad_about_centre",
    ]
    assert FMCIB.changed({"shrink": 2}).size == (25, 25, 25)
    assert FMCIB.options == {}
