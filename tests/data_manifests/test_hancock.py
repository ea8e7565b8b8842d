import json

import numpy as np
import pandas as pd
import pytest
from mmfeat.data_manifests.hancock.blood import COUNTS
from mmfeat.data_manifests.hancock.cohort import CLINICAL, PATHOLOGICAL
from mmfeat.data_manifests.hancock.outcomes import COLUMNS, outcomes

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.reading import read_json_records

WAY = ("hancock", "embeddings")
CLINICAL_FILE = "Hancock_Dataset/StructuredData/clinical_data.json"
BLOOD_FILE = "Hancock_Dataset/StructuredData/blood_data.json"
SPLIT_FILE = "Hancock_Dataset/DataSplits_DataDictionaries/dataset_split_in.json"


@pytest.fixture
def outcomes_of(tmp_path):
    """A function that makes up one patient, alive and without an event, and gives the labels."""

    def made(**facts):
        record = dict.fromkeys(COLUMNS)
        record |= {"survival_status": "living", "survival_status_with_cause": "living"}
        record |= {"recurrence": "no", "days_to_first_treatment": 30} | facts
        file = tmp_path / "clinical_data.json"
        file.write_text(json.dumps([record]))
        return outcomes(read_json_records(file, required=COLUMNS)).iloc[0]

    return made


def test_a_recurrence_within_three_years_counts_and_a_later_one_has_no_label(outcomes_of):
    followed = {"days_to_last_information": 2000, "recurrence": "yes"}
    assert outcomes_of(**followed, days_to_recurrence=1095)["recurrence_3y"] == 1
    assert np.isnan(outcomes_of(**followed, days_to_recurrence=1096)["recurrence_3y"])


@pytest.mark.parametrize(("day", "label"), [(29, np.nan), (30, 1)])
def test_a_recurrence_before_the_first_treatment_is_no_label(outcomes_of, day, label):
    made = outcomes_of(days_to_last_information=2000, recurrence="yes", days_to_recurrence=day)
    np.testing.assert_equal(made["recurrence_3y"], label)
    assert np.isnan(made["rfs_days"]) == np.isnan(label)


def test_without_a_recurrence_the_living_count_as_none_whenever_they_were_last_seen(outcomes_of):
    assert outcomes_of(days_to_last_information=90)["recurrence_3y"] == 0


def test_who_died_within_three_years_without_a_recurrence_has_no_label_of_it(outcomes_of):
    died = {"survival_status": "deceased", "survival_status_with_cause": "deceased"}
    assert np.isnan(outcomes_of(days_to_last_information=900, **died)["recurrence_3y"])
    assert outcomes_of(days_to_last_information=1096, **died)["recurrence_3y"] == 0


def test_a_death_of_something_else_is_no_label_of_death_but_an_event(outcomes_of):
    first = outcomes_of(
        days_to_last_information=730,
        survival_status="deceased",
        survival_status_with_cause="deceased not tumor specific",
    )
    assert first.isna()["deceased"]
    assert (first["rfs_days"], first["rfs_event"]) == (700, 1)
    assert (first["os_days"], first["os_event"]) == (700, 1)


def test_the_first_event_counts_from_the_first_treatment(outcomes_of):
    first = outcomes_of(
        days_to_last_information=1000,
        recurrence="yes",
        days_to_recurrence=500,
        days_to_metastasis_1=430,
        days_to_progress_1=None,
    )
    assert (first["rfs_days"], first["rfs_event"]) == (400, 1)


def test_without_an_event_the_last_information_ends_the_time(outcomes_of):
    first = outcomes_of(days_to_last_information=1000)
    assert (first["rfs_days"], first["rfs_event"]) == (970, 0)
    assert (first["os_days"], first["os_event"]) == (970, 0)


def test_overall_survival_goes_on_after_a_recurrence(outcomes_of):
    recurred = {"days_to_last_information": 1000, "recurrence": "yes", "days_to_recurrence": 500}
    alive = outcomes_of(**recurred)
    assert (alive["os_days"], alive["os_event"]) == (970, 0)
    died = outcomes_of(
        **recurred,
        survival_status="deceased",
        survival_status_with_cause="deceased tumor specific",
    )
    assert (died["os_days"], died["os_event"]) == (970, 1)
    assert died["rfs_days"] == 470


@pytest.mark.parametrize("start", [101, None])
def test_who_was_last_heard_of_before_the_treatment_has_no_overall_survival(outcomes_of, start):
    made = outcomes_of(days_to_last_information=100, days_to_first_treatment=start)
    assert made[["os_days", "os_event", "rfs_days", "rfs_event"]].isna().all()
    assert outcomes_of(days_to_last_information=100, days_to_first_treatment=100)["os_days"] == 0


def test_patients_with_impossible_times_are_named_and_stay_in_the_table(download):
    def change(text):
        first, *others = json.loads(text)
        first |= {"days_to_first_treatment": first["days_to_last_information"] + 1}
        return json.dumps([first, *others])

    download.change(CLINICAL_FILE, change)
    built = download.build()
    assert built.table.set_index("case_id").loc["001", ["os_days", "os_event"]].isna().all()
    for label in ("rfs_days", "os_days"):
        assert [one for one in built.notes if f"1 patients have no `{label}` (001): " in one]


def test_an_event_before_the_treatment_is_no_label(outcomes_of):
    first = outcomes_of(days_to_last_information=1000, days_to_metastasis_1=10)
    assert first[["rfs_days", "rfs_event"]].isna().all()


def test_a_recurrence_whose_day_is_not_known_is_no_event_free_time(outcomes_of):
    first = outcomes_of(days_to_last_information=1000, recurrence="yes")
    assert first[["rfs_days", "rfs_event", "recurrence_3y"]].isna().all()


def test_the_last_blood_count_before_the_treatment_is_taken(download):
    leukocytes = {"patient_id": "001", "unit": "made up", "LOINC_name": COUNTS[0]}
    later = [
        {**leukocytes, "value": value, "days_before_first_treatment": days}
        for value, days in ((5.0, 9), (6.5, 0), (7.0, 3))
    ]

    def change(text):
        records = [
            one
            for one in json.loads(text)
            if (one["patient_id"], one["LOINC_name"]) != ("001", COUNTS[0])
        ]
        return json.dumps(records + later)

    download.change(BLOOD_FILE, change)
    assert download.table().loc["001", COUNTS[0]] == 6.5


def test_a_measurement_that_is_not_used_may_be_a_text(download):
    other = {"patient_id": "001", "unit": "mg/l", "LOINC_name": "C reactive protein"}
    other |= {"value": "<0.5", "days_before_first_treatment": -1}
    before = download.table()
    download.change(BLOOD_FILE, lambda text: json.dumps([*json.loads(text), other]))
    assert download.table().equals(before)


def test_a_count_in_two_units_is_refused(download):
    download.change(BLOOD_FILE, lambda text: text.replace('"made up"', '"g/l"', 1))
    with pytest.raises(CohortError, match="is measured in several units; bring it to one"):
        download.build()


def test_outcomes_and_what_follows_from_them_are_no_columns(table):
    columns = set(table.columns)
    assert not [name for name in columns if name.startswith(("adjuvant", "days_to", "metastasis"))]
    assert not columns & {"year_of_initial_diagnosis", "survival_status", "recurrence"}


def test_each_official_split_keeps_its_test_patients(sample, table):
    for column, name in (
        ("split_in", "in"),
        ("split_out", "out"),
        ("split_oropharynx", "Oropharynx"),
    ):
        file = sample.folder / SPLIT_FILE.replace("_in", f"_{name}")
        test = {
            one["patient_id"] for one in json.loads(file.read_text()) if one["dataset"] == "test"
        }
        assert set(table.index[table[column] == "test"]) == test
        assert set(table[column]) == {"train", "val", "test"}


@pytest.mark.parametrize("label", ["recurrence_3y", "deceased", "rfs_event", "os_event"])
def test_every_part_of_every_split_has_both_outcomes(table, label):
    for split in ("split_in", "split_out", "split_oropharynx"):
        outcomes_in = table[label].astype(float).groupby(table[split]).nunique()
        assert outcomes_in.to_dict() == {"train": 2, "val": 2, "test": 2}


def test_a_split_that_lacks_a_patient_is_refused(download):
    download.change(SPLIT_FILE, lambda text: json.dumps(json.loads(text)[1:]))
    with pytest.raises(
        CohortError, match=r"lacks 1 patients of clinical_data\.json, such as `001`"
    ):
        download.build()


def test_an_id_that_has_lost_its_zeros_is_refused(download):
    download.change(CLINICAL_FILE, lambda text: text.replace('"001"', "1"))
    with pytest.raises(
        CohortError, match="record 1, column `patient_id`: `1` must be three digits"
    ):
        download.build()


def test_vectors_of_a_stain_are_written_by_patient(sample, built):
    vectors = built.extra_tables["stain_he.parquet"].set_index("patient_id")
    file = next(sample.folder.rglob("*_HE.npz"))
    with np.load(file) as archive:
        np.testing.assert_array_equal(vectors.loc["004"], archive["004"])
        assert set(vectors.index) == set(archive.files)


def test_a_broken_archive_of_vectors_is_refused(download):
    file = next(download.folder.rglob("*_HE.npz"))
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[:500])
    with pytest.raises(CohortError, match=r"_HE\.npz: cannot be read: .*; download it again"):
        download.build()


def test_overall_survival_of_the_real_patients_is_what_their_table_says(shared_data, tmp_path):
    """Of those without an event the authors' table tells the day of the treatment, too."""
    real = pd.read_csv(shared_data / "hancock" / "table.csv", dtype={"patient_id": str})
    followed = real[real["rfs_event"] == 0]
    records = [
        dict.fromkeys(COLUMNS)
        | {"recurrence": "no", "survival_status": status, "survival_status_with_cause": status}
        | {"days_to_last_information": last, "days_to_first_treatment": last - followed_days}
        for last, followed_days, status in zip(
            followed["time_days"].tolist(),
            followed["rfs_days"].tolist(),
            followed["label_deceased"].map({0: "living", 1: "deceased"}),
            strict=True,
        )
    ]
    file = tmp_path / "clinical_data.json"
    file.write_text(json.dumps(records))
    made = outcomes(read_json_records(file, required=COLUMNS))
    assert made["os_days"].tolist() == followed["rfs_days"].tolist()
    assert made["os_event"].tolist() == followed["event"].tolist()
    assert made["recurrence_3y"].tolist() == followed["label_recurrence"].tolist()
    assert len(made) == 460


def test_the_columns_are_those_of_the_real_data(shared_data):
    """The authors' own table of the real patients has the same names, with prefixes."""
    named = json.loads((shared_data / "hancock" / "columns.json").read_text())["modalities"]
    for modality, ours in (
        ("clinical", CLINICAL),
        ("pathological", PATHOLOGICAL),
        ("blood", COUNTS),
    ):
        assert {name.removeprefix(f"{modality}_") for name in named[modality]} == set(ours)
