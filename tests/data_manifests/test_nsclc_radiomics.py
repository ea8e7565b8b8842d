"""NSCLC-Radiomics: survival as the file has it, and the middle of an outlined tumour."""

import numpy as np
import pandas as pd
import pytest
from mmfeat.data_manifests.made_up_dicom import made_up_uid
from mmfeat.data_manifests.made_up_outlines import place_of, write_outlines
from mmfeat.data_manifests.made_up_scans import made_up_chest
from mmfeat.data_manifests.nsclc_radiomics.cohort import COHORT
from mmfeat.data_manifests.nsclc_radiomics.records import (
    MISSING,
    REQUIRED,
    inputs,
    outcomes,
    without_tnm,
)
from mmfeat.data_manifests.nsclc_radiomics.sample import _TUMOUR_AT, _write_patient
from mmfeat.data_manifests.nsclc_radiomics.tumour_point import tumour_point

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.reading import read_source

SQUARE = np.array([(0.0, 0, 0), (0, 4, 0), (4, 4, 0), (4, 0, 0)])


def _structures(tmp_path, structures):
    file = tmp_path / "outlines" / "1-1.dcm"
    write_outlines(file, {"SeriesInstanceUID": made_up_uid("outlines")}, structures)
    return file


def test_the_middle_of_a_tumour_weighs_outlines_by_their_area(tmp_path):
    small = SQUARE / 2 + (10, 10, 3)  # a quarter of the area, its middle at 11, 11, 3
    file = _structures(tmp_path, {"Spinal-Cord": [SQUARE + 50], "gtv-1 ": [SQUARE, small]})
    expected = (np.array([2, 2, 0]) * 4 + np.array([11, 11, 3])) / 5
    assert tumour_point(file, "GTV-1") == pytest.approx(expected, abs=1e-3)


def test_an_outline_within_another_is_a_hole(tmp_path):
    hole = SQUARE / 4 + (0.5, 1.5, 0)
    point = tumour_point(_structures(tmp_path, {"GTV-1": [SQUARE, hole]}), "GTV-1")
    assert point == pytest.approx(((2 * 16 - 1) / 15, (2 * 16 - 2) / 15, 0), abs=1e-3)


def test_the_middle_does_not_depend_on_how_many_corners_a_side_has(tmp_path):
    many = np.array([(x, 0.0, 0) for x in np.linspace(0, 4, 40)] + [(4, 4, 0), (0, 4, 0)])
    point = tumour_point(_structures(tmp_path, {"GTV-1": [many]}), "GTV-1")
    assert point == pytest.approx((2, 2, 0), abs=1e-3)


def test_a_structure_that_is_not_there_has_no_middle(tmp_path):
    assert tumour_point(_structures(tmp_path, {"GTV-2": [SQUARE]}), "GTV-1") is None


def test_the_sample_points_to_the_voxel_that_was_outlined(tmp_path):
    _write_patient(tmp_path / "one", "LUNG1-007", lesion=0.3, outlined=True)
    point = tumour_point(next((tmp_path / "one").rglob("1-1.dcm")), "GTV-1")
    assert point == pytest.approx(place_of(made_up_chest(7), _TUMOUR_AT), abs=1e-3)


def _source(tmp_path, rows: list[str]):
    file = tmp_path / "clinical.csv"
    file.write_text("\n".join([",".join(REQUIRED), *rows]) + "\n")
    return read_source(file, required=REQUIRED, missing=MISSING)


def test_two_years_are_unknown_where_follow_up_ended_before(tmp_path):
    stem = "70.5,2,1,0,II,nos,male"
    days = [("a", 730, 1), ("b", 731, 1), ("c", 335, 0), ("d", 4454, 0)]
    rows = [f"LUNG1-{name},{stem},{day},{event}" for name, day, event in days]
    found = outcomes(_source(tmp_path, rows))
    assert found["died_2y"].fillna("?").tolist() == ["1", "0", "?", "0"]


def test_what_is_no_stage_is_unknown_and_its_patient_is_named(tmp_path):
    rows = [
        "LUNG1-056,NA,5.0,2,0,IIIa,NA,female,4454,0",
        "LUNG1-072,71.5,4,3,3,IIIb,nos,male,377,1",
        "LUNG1-001,78.8,2,3,0,IIIb,large cell,male,2165,1",
    ]
    source = _source(tmp_path, rows)
    known = inputs(source)
    assert known["t_stage"].fillna("?").tolist() == ["?", "4", "2"]
    assert known["m_stage"].fillna("?").tolist() == ["0", "?", "0"]
    assert known["histology_known"].fillna("?").tolist() == ["?", "?", "large cell"]
    assert without_tnm(source) == ("LUNG1-056", "LUNG1-072")
    assert pd.isna(known["age"].iloc[0])


def test_another_code_is_refused_with_its_row(tmp_path):
    source = _source(tmp_path, ["LUNG1-001,78.8,2,3,0,V,large cell,male,2165,1"])
    with pytest.raises(CohortError, match=r"row 2, column `Overall.Stage`: `V` is none of the"):
        inputs(source)


def test_damaged_scans_and_outlines_are_left_out_by_name(tmp_path):
    patients = [f"LUNG1-00{number}" for number in (1, 2, 3)]
    rows = [f"{patient},70,2,1,0,II,nos,male,900,1" for patient in patients]
    (tmp_path / "Lung1.clinical.csv").write_text("\n".join([",".join(REQUIRED), *rows]) + "\n")
    for patient in patients:
        _write_patient(tmp_path / patient, patient, lesion=0.3, outlined=True)
    (scan,) = (tmp_path / patients[0]).rglob("1-001.dcm")
    (outlines,) = (tmp_path / patients[1]).rglob("1-1.dcm")
    scan.write_bytes(b"no DICOM at all" * 20)
    outlines.write_bytes(outlines.read_bytes()[:-400])
    built = COHORT.build(tmp_path, "tumour")
    assert set(built.table.dropna(subset="ct")["case_id"]) == {patients[2]}
    assert built.left_out == {
        "series: this file of it is no DICOM file": (scan.relative_to(tmp_path).as_posix(),),
        "no CT series that can be read is in the folder": (patients[0],),
        "outlines: this structure set is damaged": (outlines.relative_to(tmp_path).as_posix(),),
        "scan not used: no outline called GTV-1 in the folder": (patients[1],),
    }
