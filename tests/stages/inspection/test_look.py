"""What is said of real scans, and of files that are no CT, by the default thresholds."""

import pytest

from mmfeat.errors import VolumeError
from mmfeat.quality import judge
from mmfeat.quality.codes import RULE_SEVERITIES
from mmfeat.quality.pictures import WIDE_HU
from mmfeat.stages.inspection.look import look_at, read_to_look
from mmfeat.volumes import ReadingRules

RULES = ReadingRules()
EXPECTED = {
    "ct_nifti/totalseg_abdomen_3mm.nii.gz": "warn metal coarse-pixels",
    "ct_nifti/totalseg_abdomen_sm_3mm.nii.gz": "warn short-coverage coarse-pixels",
    "ct_nifti/totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz": "warn metal crop",
    "ct_dicom/dcmqi_liver_3slice": "reject too-small few-slices",
    "ct_dicom/philips_phantom_10slice": "warn few-slices short-coverage",
    "ct_dicom/pydicom_tiny_ct_5slice_16x16": "reject too-small few-slices crop",
    "bad_input/nifti/all_zero.nii.gz": "reject constant not-hounsfield coarse-pixels",
    "bad_input/nifti/already_normalised_0_1.nii.gz": "reject not-hounsfield coarse-pixels",
    "bad_input/nifti/label_map_not_image.nii.gz": "reject not-hounsfield",
    "bad_input/nifti/offset_1024_raw_not_hu.nii.gz": "reject not-hounsfield coarse-pixels",
}


@pytest.mark.parametrize("path", EXPECTED)
def test_real_scans_are_judged_by_what_is_wrong_with_them(shared_data, path):
    verdict = judge(look_at(read_to_look(shared_data / path, RULES)).facts)
    codes = [code for code in verdict.codes if code in RULE_SEVERITIES]
    assert " ".join([verdict.outcome, *codes]) == EXPECTED[path]


def test_crops_about_a_nodule_are_never_rejected(shared_data):
    files = sorted((shared_data / "lidc_mini" / "volumes").iterdir())
    verdicts = [judge(look_at(read_to_look(file, RULES)).facts) for file in files]
    assert len(verdicts) == 120
    assert {code for verdict in verdicts for code in verdict.codes} <= {
        "crop",
        "metal",
        "twelve-bit",
    }
    assert sum(verdict.outcome == "pass" for verdict in verdicts) >= 115


def test_values_that_are_no_hounsfield_units_are_shown_from_end_to_end(shared_data):
    nifti = shared_data / "bad_input" / "nifti"
    look = look_at(read_to_look(nifti / "already_normalised_0_1.nii.gz", RULES))
    assert {picture.window for picture in look.pictures} == {(0.0, 1.0)}
    constant = look_at(read_to_look(nifti / "all_zero.nii.gz", RULES))
    assert {picture.window for picture in constant.pictures} == {(0.0, 1.0)}
    good = look_at(read_to_look(shared_data / "ct_nifti" / "totalseg_abdomen_sm_3mm.nii.gz", RULES))
    assert {picture.window for picture in good.pictures} == {WIDE_HU}


def test_what_cannot_be_read_at_all_is_an_error(shared_data):
    with pytest.raises(VolumeError, match="truncated"):
        read_to_look(shared_data / "bad_input" / "nifti" / "truncated.nii.gz", RULES)
