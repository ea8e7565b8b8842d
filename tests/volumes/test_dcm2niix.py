"""Real DICOM series against the NIfTI files that dcm2niix makes of them."""

import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
from scipy import ndimage

from mmfeat.volumes import ReadingRules, Volume, read_volume

dcm2niix = Path(sys.executable).with_name("dcm2niix")
pytestmark = pytest.mark.skipif(
    not dcm2niix.exists(), reason="dcm2niix is not installed; it comes with the extra `dev`"
)

SERIES = ("dcmqi_liver_3slice", "philips_phantom_10slice", "pydicom_tiny_ct_5slice_16x16")
ANY_VALUES = ReadingRules(check_hu=False)


def _converted(series: Path, folder: Path) -> Path:
    """The NIfTI file of a series; of a tilted one, the one that dcm2niix has straightened."""
    command = [dcm2niix, "-o", folder, "-f", "made", "-z", "n", series]
    subprocess.run(command, check=True, capture_output=True)
    return max(folder.glob("*.nii"), key=lambda file: "Tilt" in file.name)


def _values_at(volume: Volume, points_mm: np.ndarray) -> np.ndarray:
    inverse = np.linalg.inv(volume.affine)
    indices = inverse[:3, :3] @ points_mm + inverse[:3, 3:]
    whole = np.round(indices)
    indices = np.where(np.abs(indices - whole) < 0.01, whole, indices)  # rounded headers
    return ndimage.map_coordinates(
        volume.hu.astype(np.float32), indices, order=1, mode="constant", cval=np.nan
    )


@pytest.mark.parametrize("name", SERIES)
def test_a_series_has_the_voxels_and_places_of_dcm2niix(shared_data, tmp_path, name):
    series = shared_data / "ct_dicom" / name
    ours, theirs = (
        nibabel.as_closest_canonical(nibabel.Nifti1Image(np.asarray(v.hu, np.float32), v.affine))
        for v in (
            read_volume(series, ANY_VALUES),
            read_volume(_converted(series, tmp_path), ANY_VALUES),
        )
    )
    np.testing.assert_array_equal(ours.get_fdata(), theirs.get_fdata())
    np.testing.assert_allclose(ours.affine, theirs.affine, atol=1e-3)


def test_a_tilted_series_is_straightened_as_by_dcm2niix(shared_data, tmp_path):
    series = shared_data / "bad_input" / "d2n_gantrytilting"
    ours = read_volume(series, ANY_VALUES)
    theirs = read_volume(_converted(series, tmp_path), ANY_VALUES)
    assert [note.code for note in ours.notes] == ["tilt-straightened"]
    # At our voxels well inside both grids.
    indices = np.indices(ours.hu.shape).reshape(3, -1)
    places_mm = ours.affine[:3, :3] @ indices + ours.affine[:3, 3:]
    other = _values_at(theirs, places_mm)
    both = ~np.isnan(other)
    assert both.mean() > 0.9
    # Both move whole slices by parts of a pixel with linear weights; it rounds to whole HU.
    difference = np.abs(ours.hu.reshape(-1)[both] - other[both])
    assert np.median(difference) <= 0.5
    assert np.percentile(difference, 95) < 25
