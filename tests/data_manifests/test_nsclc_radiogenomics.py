"""NSCLC-Radiogenomics: times from the CT, a CT before surgery, and labels that cannot be true."""

import csv
from datetime import date
from pathlib import Path

import pytest
from mmfeat.data_manifests.made_up_dicom import made_up_uid, write_series
from mmfeat.data_manifests.made_up_scans import made_up_chest
from mmfeat.data_manifests.nsclc_radiogenomics.cohort import COHORT
from mmfeat.data_manifests.nsclc_radiogenomics.records import (
    DEATH_BEFORE_SURGERY,
    MISSING,
    RECURRENCE_BEFORE_SURGERY,
    REQUIRED,
    inputs,
    outcomes,
)
from mmfeat.data_manifests.nsclc_radiogenomics.scans import AFTER_SURGERY, NO_CT, choose_scans

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.dicom_series import DicomSeries
from mmfeat.public_cohorts.reading import read_source

ROW = {
    "Patient affiliation": "Stanford",
    "Age at Histological Diagnosis": "66",
    "Weight (lbs)": "Not Collected",
    "Gender": "Male",
    "Ethnicity": "Not Recorded In Database",
    "Smoking status": "Nonsmoker",
    "Pack Years": "N/A",
    "%GG": "Not Assessed",
    **{name: "Unchecked" for name in REQUIRED if name.startswith("Tumor Location")},
    "EGFR mutation status": "Unknown",
    "KRAS mutation status": "Mutant",
    "Recurrence": "no",
    "Date of Recurrence": "N/A",
    "Date of Last Known Alive": "1/11/1992",
    "Survival Status": "Alive",
    "Date of Death": "N/A",
    "CT Date": "1/1/1991",
    "Days between CT and surgery": "10",
}
DAY = date(1991, 1, 1)


def _source(tmp_path: Path, *changes: dict[str, str]):
    file = tmp_path / "clinical.csv"
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, REQUIRED)
        writer.writeheader()
        for number, change in enumerate(changes, start=1):
            writer.writerow({"Case ID": f"R01-{number:03d}", **ROW, **change})
    return read_source(file, required=REQUIRED, missing=MISSING)


def _series(day: date | None, *, n_files: int = 100, series: str = "a", **more) -> DicomSeries:
    given = {"patient_id": "R01-001", "modality": "CT", "study_uid": str(day), **more}
    return DicomSeries(
        folder=Path(series),
        file=Path(series, "1.dcm"),
        n_files=n_files,
        series_uid=series,
        description="",
        study_date=day,
        image_type=(),
        orientation=(1, 0, 0, 0, 1, 0),
        position_mm=(0, 0, 0),
        pixel_mm=(1, 1),
        slice_mm=1,
        **given,
    )


def test_times_run_from_the_ct_to_death_recurrence_or_the_last_contact(tmp_path):
    died = {"Survival Status": "Dead", "Date of Death": "1/31/1991"}
    again = {"Recurrence": "yes", "Date of Recurrence": "1/21/1991"}
    found, taken_out = outcomes(_source(tmp_path, {}, died, again, died | again))
    assert found["survival_days"].tolist() == [375, 30, 375, 30]
    assert found["died"].tolist() == ["0", "1", "0", "1"]
    assert found["recurrence_free_days"].tolist() == [375, 30, 20, 20]
    assert found["recurred_or_died"].tolist() == ["0", "1", "1", "1"]
    assert taken_out == {}


def test_labels_that_cannot_be_true_are_taken_out_by_name(tmp_path):
    dead_before = {"Survival Status": "Dead", "Date of Death": "1/5/1991"}
    again_before = {"Recurrence": "yes", "Date of Recurrence": "1/1/1991"}
    not_known = {"Recurrence": "Not collected"}
    found, taken_out = outcomes(_source(tmp_path, dead_before, again_before, not_known))
    assert found["died"].fillna("?").tolist() == ["?", "0", "0"]
    assert found["recurred_or_died"].fillna("?").tolist() == ["?", "?", "?"]
    assert taken_out == {
        DEATH_BEFORE_SURGERY: ("R01-001",),
        RECURRENCE_BEFORE_SURGERY: ("R01-002",),
    }


def test_a_death_without_a_date_is_refused(tmp_path):
    source = _source(tmp_path, {}, {"Survival Status": "Dead"})
    with pytest.raises(
        CohortError, match="row 3, column `Date of Death`: is empty, and the status"
    ):
        outcomes(source)


def test_what_was_not_collected_is_unknown_and_nonsmokers_have_no_pack_years(tmp_path):
    known = inputs(_source(tmp_path, {}, {"Smoking status": "Former"}))
    assert known["pack_years"].iloc[0] == 0
    assert known["pack_years"].isna().tolist() == [False, True]
    assert known[["weight_lb", "ethnicity", "ground_glass"]].isna().all(axis=None)
    found, _ = outcomes(_source(tmp_path, {}))
    assert found.loc[2, ["egfr_mutant", "kras_mutant"]].fillna("?").tolist() == ["?", "1"]


def test_the_ct_is_the_largest_of_the_study_nearest_to_the_day_before_surgery():
    series = [
        _series(date(1990, 12, 31), series="thick", n_files=60),
        _series(date(1990, 12, 31), series="thin", n_files=250),
        _series(date(1991, 1, 9), series="later", n_files=400),
        _series(date(1991, 3, 1), series="after surgery", n_files=500),
        _series(date(1991, 1, 1), series="scout", n_files=2),
    ]
    chosen, without = choose_scans(series, {"R01-001": (DAY, 10)})
    assert chosen["R01-001"].series.series_uid == "thin"
    assert chosen["R01-001"].days_from_ct_date == -1
    assert without == {}


def test_of_two_studies_of_a_day_the_one_without_pet_is_taken():
    series = [
        _series(DAY, series="fusion", n_files=300, study_uid="pet"),
        _series(DAY, series="pet", n_files=300, study_uid="pet", modality="PT"),
        _series(DAY, series="chest", n_files=200, study_uid="chest"),
    ]
    chosen, _ = choose_scans(series, {"R01-001": (DAY, 10)})
    assert chosen["R01-001"].series.series_uid == "chest"


def test_a_patient_without_a_ct_before_surgery_is_named():
    days = {"R01-001": (DAY, 10), "R01-002": (DAY, 10)}
    chosen, without = choose_scans([_series(date(1991, 6, 1))], days)
    assert chosen == {}
    assert without == {AFTER_SURGERY: ("R01-001",), NO_CT: ("R01-002",)}


def test_a_damaged_series_is_left_out_by_name_and_the_others_are_used(tmp_path):
    clinical = _source(tmp_path, {}, {}).file
    clinical.rename(tmp_path / "NSCLCR01Radiogenomic_DATA_LABELS.csv")
    for patient in ("R01-001", "R01-002"):
        uid = made_up_uid(patient)
        fields = {"PatientID": patient, "StudyDate": "19910101", "SeriesInstanceUID": uid}
        write_series(tmp_path / patient, made_up_chest(1), fields)
    (tmp_path / "R01-002" / "1-001.dcm").write_bytes(b"no DICOM at all" * 20)
    built = COHORT.build(tmp_path, "scans")
    assert built.table["case_id"].tolist() == ["R01-001"]
    assert built.left_out == {
        "series: this file of it is no DICOM file": ("R01-002/1-001.dcm",),
        NO_CT: ("R01-002",),
    }
