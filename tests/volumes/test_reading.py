from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, Volume, read_volume

Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]
GOOD_VOLUMES = [
    "ct_nifti/totalseg_abdomen_3mm.nii.gz",
    "ct_nifti/totalseg_abdomen_sm_3mm.nii.gz",
    "ct_nifti/totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz",
    "bad_input/nifti/four_d_singleton.nii.gz",
    "ct_dicom/dcmqi_liver_3slice",
    "ct_dicom/philips_phantom_10slice",
    "ct_dicom/pydicom_tiny_ct_5slice_16x16",
]
REASONS = {
    "broken_files": "empty_charset_LEI.dcm: broken DICOM header: no SOPClassUID",
    "broken_files/MR_truncated.dcm": "no CT slice but MR Image Storage",
    "broken_files/badVR.dcm": "no CT slice but RT Dose Storage",
    "broken_files/bad_sequence.dcm": "one DICOM file is one slice",
    "broken_files/empty_charset_LEI.dcm": "no SOPClassUID",
    "broken_files/meta_missing_tsyntax.dcm": "no SOPClassUID",
    "broken_files/nested_priv_SQ.dcm": "no SOPClassUID",
    "broken_files/no_meta.dcm": "not a DICOM file in spite of its name",
    "broken_files/rtstruct.dcm": "no CT slice but RT Structure Set",
    "d2n_gantrytilting/001/IM-0001-0001.dcm": "one DICOM file is one slice",
    "d2n_notavolume": "all 4 slices at one position",
    "d2n_sliceincrement_001": r"10\.00 mm from IM-0001-0009-0001\.dcm to IM-0001-0010-0001\.dcm",
    "nifti": "no DICOM files in it",
    "nifti/all_zero.nii.gz": "all voxels are 0",
    "nifti/already_normalised_0_1.nii.gz": "already normalised",
    "nifti/empty.nii.gz": "the file is empty",
    "nifti/four_d_2vol.nii.gz": "122 x 101 x 30 x 2 voxels, so 2 volumes in one file",
    "nifti/label_map_not_image.nii.gz": "12 different values, 0..11: a label map",
    "nifti/not_gzip.nii.gz": "not a gzip file",
    "nifti/offset_1024_raw_not_hu.nii.gz": "rescale intercept .* was not applied",
    "nifti/one_slice.nii.gz": "one slice is no volume",
    "nifti/rgb24_nifti.nii.gz": "colour",
    "nifti/singular_affine.nii.gz": "its sform is singular",
    "nifti/truncated.nii.gz": "truncated or damaged gzip file",
    "nifti/two_d.nii.gz": "one slice is no volume",
    "nifti/with_nan.nii.gz": "11340 voxels are NaN or infinite",
    "not_ct_objects": "no CT slices in it, only 1 x Digital X-Ray",
    "not_ct_objects/dx_image.dcm": "no CT slice but Digital X-Ray",
    "not_ct_objects/seg_image_ct_binary.dcm": "no CT slice but Segmentation Storage",
    "not_ct_objects/sm_image.dcm": "no CT slice but VL Whole Slide Microscopy",
    "not_ct_objects/sr_document.dcm": "no CT slice but Comprehensive 3D SR",
}
ORIENTATIONS = ["ASR", "LAI", "LPS", "PIR", "RAS", "SPL"]


@pytest.mark.parametrize("name", GOOD_VOLUMES)
def test_real_volumes_are_read_as_simpleitk_reads_them(
    shared_data: Path, read_with_simpleitk: Simpleitk, name: str
) -> None:
    volume = read_volume(shared_data / name)
    values, affine = read_with_simpleitk(shared_data / name)
    assert volume.hu.dtype == (np.int16 if (values % 1 == 0).all() else np.float32)
    assert volume.hu.flags.c_contiguous
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-4)
    assert volume.spacing_mm == pytest.approx(np.linalg.norm(affine[:3, :3], axis=0), abs=1e-5)


def test_all_lung_crops_pass_for_hounsfield_units(shared_data: Path) -> None:
    files = sorted((shared_data / "lidc_mini" / "volumes").glob("*.nii.gz"))
    assert len(files) == 120
    for file in files:
        volume = read_volume(file)
        assert volume.hu.shape == (32, 32, 32)
        assert volume.spacing_mm == pytest.approx((1, 1, 1))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_six_orientations_of_one_head_are_one_head(shared_data: Path, orientation: str) -> None:
    folder = shared_data / "nifti_orientations_mr"
    volume = read_volume(folder / f"{orientation}.nii.gz", ReadingRules(check_hu=False))
    affine = volume.affine[:, [2, 1, 0, 3]]  # back to the file's own order (x, y, z)
    assert "".join(nibabel.aff2axcodes(affine)) == orientation
    straight = nibabel.as_closest_canonical(nibabel.Nifti1Image(volume.hu.T, affine))
    expected = nibabel.load(folder / "RAS.nii.gz")
    np.testing.assert_allclose(straight.get_fdata(), expected.get_fdata(), rtol=1e-6)
    np.testing.assert_allclose(straight.affine, expected.affine, atol=1e-3)


@pytest.mark.parametrize("name", sorted(REASONS))
def test_every_bad_input_is_refused_in_one_line_for_its_own_reason(
    shared_data: Path, name: str
) -> None:
    path = shared_data / "bad_input" / name
    with pytest.raises(VolumeError, match=REASONS[name]) as caught:
        read_volume(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_tilted_gantry_is_straightened_unless_the_rules_refuse_it(shared_data: Path) -> None:
    path = shared_data / "bad_input" / "d2n_gantrytilting"
    assert [note.code for note in read_volume(path).notes] == ["tilt-straightened"]
    with pytest.raises(VolumeError, match=r"tilted by 14\.0 degrees"):
        read_volume(path, ReadingRules(tilt="refuse"))


def test_no_bad_input_is_forgotten(shared_data: Path) -> None:
    folder = shared_data / "bad_input"
    singles = {file for file in folder.rglob("*") if file.is_file()}
    singles -= set(folder.glob("d2n_*/**/*"))  # slices, refused as a folder
    forgotten = {file.relative_to(folder).as_posix() for file in singles} - set(REASONS)
    assert forgotten == {"nifti/four_d_singleton.nii.gz"}  # which is good


def test_the_check_of_units_can_be_left_out(nifti: Callable[..., Path]) -> None:
    file = nifti(np.arange(8, dtype=np.int16).reshape(2, 2, 2))
    with pytest.raises(VolumeError, match="label map"):
        read_volume(file)
    assert read_volume(file, ReadingRules(check_hu=False)).hu.max() == 7


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_the_settings_rescale_after_the_file_and_before_the_check(
    nifti: Callable[..., Path], body_hu: NDArray[np.int16], dtype: type[np.generic]
) -> None:
    file = nifti((body_hu + 1024).astype(dtype), name="scan.nii")
    with pytest.raises(VolumeError, match=r"set reading\.intercept: -1024, or"):
        read_volume(file)
    volume = read_volume(file, ReadingRules(intercept=-1024))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.hu.dtype == dtype
    assert [note.code for note in volume.notes] == ["rescaled-by-setting"]


def test_a_wrong_setting_is_refused_by_the_check(nifti: Callable[..., Path]) -> None:
    with pytest.raises(VolumeError, match=r"applied twice; set reading\.intercept: 1024, or"):
        read_volume(nifti(), ReadingRules(intercept=-1024))


def test_the_end_of_a_scanners_scale_is_noted(
    nifti: Callable[..., Path], body_hu: NDArray[np.int16]
) -> None:
    hu = body_hu.copy()
    hu[2, 6, 5] = 3071
    assert [note.code for note in read_volume(nifti(hu)).notes] == ["twelve-bit"]


@pytest.mark.parametrize(
    "ending", ["nii", "nii.gz", "hdr", "img", "img.gz", "nrrd", "nhdr", "mha", "mhd"]
)
def test_the_case_of_a_name_does_not_matter(
    tmp_path: Path, body_hu: NDArray[np.int16], ending: str
) -> None:
    written = tmp_path / f"scan.{ending}"
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(body_hu), str(written))
    loud = written.rename(tmp_path / f"scan.{ending.upper()}")
    np.testing.assert_array_equal(read_volume(loud).hu, body_hu)


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(VolumeError, match=r"gone\.nii\.gz: no such file or folder"):
        read_volume(tmp_path / "gone.nii.gz")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scan.png"
    file.write_bytes(b"\x89PNG" * 100)
    with pytest.raises(VolumeError, match="neither NIfTI, NRRD, MetaImage nor DICOM"):
        read_volume(file)


def test_a_path_that_the_system_refuses_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(VolumeError, match="cannot be read: File name too long"):
        read_volume(tmp_path / ("long" * 100))


def test_threads_read_what_one_thread_reads(
    tmp_path: Path, series: Callable[..., Any], nifti: Callable[..., Path]
) -> None:
    paths = [series().write(tmp_path / "dicom"), nifti()] * 16
    alone = [read_volume(path) for path in paths[:2]] * 16
    with ThreadPoolExecutor(8) as pool:
        together: list[Volume] = list(pool.map(read_volume, paths))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.hu, other.hu)
        np.testing.assert_array_equal(one.affine, other.affine)
