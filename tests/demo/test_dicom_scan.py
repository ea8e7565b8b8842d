"""DICOM series are proper CT images that hold the same anatomy as the NIfTI file of the scan."""

from datetime import date

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK

from mmfeat.demo.dicom_scan import Label, write_dicom
from mmfeat.errors import VolumeError
from mmfeat.volumes.reading import read_volume

LABEL = Label("P00007", "P00007-1", "F", date(2019, 5, 4))


def _write(folder, small_scan, seed: int, **options):
    stored, acquisition = small_scan
    write_dicom(folder, stored, acquisition, np.random.default_rng(seed), label=LABEL, **options)
    return folder


def _upright(volume) -> np.ndarray:
    orientation = nib.orientations.io_orientation(volume.affine)
    return nib.orientations.apply_orientation(volume.hu, orientation)


def test_every_series_holds_the_same_anatomy(small_scan, tmp_path):
    stored, acquisition = small_scan
    positions, signs = set(), set()
    for seed in range(12):
        folder = _write(tmp_path / str(seed), small_scan, seed)
        first = pydicom.dcmread(next(folder.iterdir()))
        positions.add(first.PatientPosition)
        signs.add(first.PixelRepresentation)
        volume = read_volume(folder)
        np.testing.assert_array_equal(_upright(volume), stored.transpose(2, 1, 0))
        np.testing.assert_allclose(volume.spacing_mm, acquisition.spacing_mm, rtol=1e-4)
    assert len(positions) == 3
    assert signs == {0, 1}


def test_simpleitk_reads_the_same_numbers_at_the_same_places(small_scan, tmp_path):
    for seed in range(4):
        folder = _write(tmp_path / str(seed), small_scan, seed)
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
        image = reader.Execute()
        volume = read_volume(folder)
        array = SimpleITK.GetArrayFromImage(image)
        assert array.shape == volume.hu.shape
        for index in ([0, 0, 0], [3, 5, 7], [8, 30, 11]):
            ras = (volume.affine @ [*index, 1])[:3]
            found = image.TransformPhysicalPointToIndex((ras * [-1, -1, 1]).tolist())
            assert array[found[::-1]] == volume.hu[tuple(index)]


def test_file_names_do_not_follow_the_slices(small_scan, tmp_path):
    folder = _write(tmp_path / "series", small_scan, 1)
    levels = [
        float(pydicom.dcmread(file).ImagePositionPatient[2]) for file in sorted(folder.iterdir())
    ]
    assert levels != sorted(levels)
    assert levels != sorted(levels, reverse=True)


def test_files_are_ct_images_of_nobody(small_scan, tmp_path):
    stored, _ = small_scan
    files = [pydicom.dcmread(f) for f in _write(tmp_path / "s", small_scan, 2).iterdir()]
    assert len(files) == len(stored)
    assert {f.SOPClassUID for f in files} == {pydicom.uid.CTImageStorage}
    assert len({f.SOPInstanceUID for f in files}) == len(files)
    assert len({f.SeriesInstanceUID for f in files}) == 1
    assert {str(f.PatientName) for f in files} == {"Made-up^P00007"}
    assert {f.PatientIdentityRemoved for f in files} == {"YES"}
    assert all(f.Manufacturer.startswith("Made-up") for f in files)
    assert all(pydicom.uid.UID(f.SOPInstanceUID).is_valid for f in files)


def test_a_slice_left_out_is_found_by_the_reader(small_scan, tmp_path):
    folder = _write(tmp_path / "series", small_scan, 3, left_out=len(small_scan[0]) // 2)
    with pytest.raises(VolumeError, match="missing"):
        read_volume(folder)


def test_the_same_scan_gives_the_same_bytes(small_scan, tmp_path):
    first, second = (_write(tmp_path / name, small_scan, 4) for name in "ab")
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()
