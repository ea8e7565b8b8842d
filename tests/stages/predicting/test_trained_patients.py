import pandas as pd
import pytest

from mmfeat.errors import TrainError
from mmfeat.stages.predicting.trained_patients import (
    cases_of_run,
    known_patients,
    patient_digests,
)


def _write_splits(folder, patients):
    cases = [f"c{number}" for number in range(len(patients))]
    frame = pd.DataFrame({"case_id": cases, "patient_id": patients, "fold_0": "train"})
    frame.to_csv(folder / "splits.csv", index=False)


def test_patients_are_looked_up_as_text_each_once(tmp_path):
    _write_splits(tmp_path, ["007", "NA", "x"])
    assert known_patients(tmp_path, ["x", "7", "NA", "x"], None) == ("x", "NA")
    assert cases_of_run(tmp_path) == {"c0", "c1", "c2"}


def test_digests_say_the_same_without_any_name(tmp_path):
    facts = {"patients": patient_digests(["007", "NA", "x", "x"])}
    assert known_patients(tmp_path, ["x", "7", "NA"], facts) == ("x", "NA")
    assert len(facts["patients"]["digests"]) == 3
    assert not any(name in str(facts) for name in ("007", "NA", "x'"))


def test_two_exports_have_nothing_in_common():
    first, second = patient_digests(["a", "b"]), patient_digests(["a", "b"])
    assert first["salt"] != second["salt"]
    assert set(first["digests"]).isdisjoint(second["digests"])


def test_splits_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(TrainError, match=r"splits.csv: cannot be read .*; run `mmfeat train`"):
        known_patients(tmp_path, ["x"], None)
