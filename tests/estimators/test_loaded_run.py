import shutil

import numpy as np
import pandas as pd
import pytest

import mmfeat
from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError, FeaturesError, TrainError
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.predicting.exporting import export_run
from mmfeat.stages.training.train import train
from tests.stages.training_cohort import write_training_cohort

RANDOM = np.random.default_rng(1)
CT = RANDOM.standard_normal((5, 4)).astype(np.float32)
CLINICAL = pd.DataFrame({"age": [55, 60.5, None, 71, 64]})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a tiny run, evaluated."""
    folder = tmp_path_factory.mktemp("loading")
    changed = [
        "train.methods=[average]",
        "train.targets=[cancer]",
        "eval.resamples=100",
        "eval.missing_cells=[]",
    ]
    project = load_project(write_training_cohort(folder), changed)
    train(project, progress=Silent(), should_stop=lambda: False)
    evaluate(project, progress=Silent())
    return folder / "run"


@pytest.fixture(scope="module")
def loaded(run):
    return mmfeat.load_run(run)


def test_it_says_what_it_predicts_and_from_what(loaded):
    assert (loaded.method, loaded.methods) == ("average", ("average",))
    assert loaded.targets == {"cancer": ("1",)}
    assert (loaded.modalities, loaded.widths) == (("ct", "clinical"), {"ct": 4})


def test_arrays_and_tables_of_records_are_predicted(loaded):
    gaps = CT.copy()
    gaps[1] = np.nan
    found = loaded.predict({"ct": gaps, "clinical": CLINICAL}, case_ids=list("abcde"))
    assert found["case_id"].tolist() == list("abcde")
    assert found["availability"].tolist() == [
        "ct+clinical",
        "clinical",
        "ct",
        "ct+clinical",
        "ct+clinical",
    ]
    assert found["prediction"].between(0, 1).all()


def test_a_modality_that_is_left_out_is_not_there(loaded):
    alone = loaded.predict({"ct": CT})
    nothing = loaded.predict({"ct": CT, "clinical": CLINICAL.assign(age=None)})
    assert set(alone["availability"]) == {"ct"}
    np.testing.assert_array_equal(alone["prediction"], nothing["prediction"])


def test_a_case_with_nothing_is_said_to_have_failed(loaded):
    found = loaded.predict({"clinical": CLINICAL})
    assert found["failed"].tolist() == ["", "", "nothing in any modality", "", ""]


def test_a_table_is_read_as_a_manifest_is(loaded):
    table = pd.DataFrame({"case_id": ["n1", "n2"], "patient_id": ["p1", "p2"], "age": ["61", "?"]})
    table.loc[1, "age"] = "58"
    found = loaded.predict(table)
    same = loaded.predict({"clinical": pd.DataFrame({"age": [61.0, 58.0]})})
    np.testing.assert_array_equal(found["prediction"], same["prediction"])


def test_patients_who_were_trained_on_are_refused_unless_allowed(loaded):
    table = pd.DataFrame({"case_id": ["n1"], "patient_id": ["patient-40"], "age": ["61"]})
    with pytest.raises(CohortError, match="trained on patient `patient-40`"):
        loaded.predict(table)
    found = loaded.predict(table, allow_overlap=True)
    assert "this patient was trained on" in found["flags"].iloc[0]


def test_an_exported_folder_says_the_same(loaded, run, tmp_path):
    export_run(run, tmp_path / "model")
    shutil.copytree(tmp_path / "model", tmp_path / "moved")
    cases = {"ct": CT, "clinical": CLINICAL}
    found = mmfeat.load_run(tmp_path / "moved").predict(cases)
    pd.testing.assert_frame_equal(found, loaded.predict(cases))


@pytest.mark.parametrize(
    ("cases", "error", "message"),
    [
        ({"cts": CT}, CohortError, "no modality `cts`; did you mean `ct`"),
        ({"ct": CT[:3], "clinical": CLINICAL}, CohortError, "must be of the same cases"),
        ({"ct": CT[:, :2]}, FeaturesError, r"`ct` must be \(5, 4\), got \(5, 2\)"),
        ({"clinical": CT}, CohortError, r"`clinical` is a record: give a table .*\(age\)"),
        ({"clinical": pd.DataFrame({"age": ["old"]})}, CohortError, "`clinical`.*column `age`"),
        ({}, CohortError, "give at least one modality"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(loaded, cases, error, message):
    with pytest.raises(error, match=message) as found:
        loaded.predict(cases)
    assert "\n" not in str(found.value)


def test_some_nan_in_an_embedding_is_refused_by_its_row(loaded):
    broken = CT.copy()
    broken[3, 1] = np.nan
    with pytest.raises(FeaturesError, match="`ct`: row 3 has NaN or infinity in some columns"):
        loaded.predict({"ct": broken})


def test_case_ids_must_differ(loaded):
    with pytest.raises(CohortError, match="case_ids: give 5 different ones"):
        loaded.predict({"ct": CT}, case_ids=["a"] * 5)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(TrainError, match="no finished training"):
        mmfeat.load_run(tmp_path)
