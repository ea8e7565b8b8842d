import json

import pandas as pd
import pytest

from ..in_process import run_mmfeat


@pytest.fixture
def new(referenced, tmp_path):
    table = pd.read_csv(referenced.path("new.csv"), dtype=str).head(3)
    table.ct = [str(referenced.path(path)) for path in table.ct]
    table.to_csv(tmp_path / "new.csv", index=False)
    return tmp_path / "new.csv"


@pytest.fixture
def predict(referenced, tmp_path):
    def run(*arguments):
        run_folder = referenced.path("run")
        return run_mmfeat("predict", run_folder, *arguments, folder=tmp_path, columns=120)

    return run


def test_a_table_of_new_cases_is_shown_and_written_with_its_provenance(predict, new, tmp_path):
    ended = predict("--manifest", new, "-o", "out.csv")
    assert ended.code == 0
    assert "c60, seen: ct + clinical" in ended.out
    assert "3 of 3 cases predicted by `logistic`, 2 folds" in ended.out
    table = pd.read_csv(tmp_path / "out.csv")
    assert len(table) == 3 * (1 + 3 + 1 + 3)
    assert {"prediction", "spread", "prediction_set", "contribution_ct", "as_far_ct"} <= set(table)
    provenance = json.loads((tmp_path / "out.csv.json").read_text())
    assert (provenance["method"], provenance["level"]) == ("logistic", 0.9)
    again = predict("--manifest", new, "-o", "out.csv")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert predict("--manifest", new, "-o", "out.parquet", "--overwrite").code == 0
    parquet = pd.read_parquet(tmp_path / "out.parquet")
    assert parquet.case_id.tolist() == table.case_id.tolist()


def test_one_patient_gets_the_same_answers_as_in_a_table(predict, new, tmp_path):
    row = pd.read_csv(new, dtype=str).iloc[0]
    (tmp_path / "record.json").write_text(json.dumps({"age": float(row.age), "lobe": row.lobe}))
    ended = predict("--ct", row.ct, "--record", "record.json", "--json", "--method", "concat-zero")
    assert ended.code == 0
    single = json.loads(ended.out)
    assert any("no patient is named" in note for note in single["notes"])
    table = json.loads(predict("--manifest", new, "--json", "--method", "concat-zero").out)
    (case,), other = single["cases"], table["cases"][0]
    assert (case["case_id"], other["case_id"]) == ("case", "c60")
    for target, found in case["targets"].items():
        for output, values in found["outputs"].items():
            of_table = other["targets"][target]["outputs"][output]
            assert values["prediction"] == pytest.approx(of_table["prediction"], rel=1e-5)
            assert values["set"] == of_table["set"]
            assert set(values["by_availability"]) == {"ct", "clinical", "ct+clinical"}


def test_scans_that_fail_are_named_and_the_exit_code_says_so(predict, new, tmp_path):
    (tmp_path / "torn.nii.gz").write_bytes(b"no scan")
    ended = predict("--ct", "torn.nii.gz")
    assert ended.code == 3
    assert "no prediction: ct: " in ended.out
    assert "torn.nii.gz" in ended.out
    assert "0 of 1 cases predicted" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to predict; give a table by --manifest"),
        (["--manifest", "new.csv", "--ct", "a.nii"], "give either"),
        (["--manifest", "none.csv"], "none.csv: no such file"),
        (["--manifest", "new.csv", "--level", "1"], "--level 1: level must be from 0.5"),
        (["--manifest", "new.csv", "-o", "out.txt"], "ends in neither .csv nor .parquet"),
        (["--manifest", "new.csv", "--method", "logistics"], "did you mean `logistic`?"),
        (["--manifest", "new.csv", "--file", "ct"], "--file ct: must be NAME=FILE"),
        (["--manifest", "new.csv", "--file", "ct=a.csv"], "--file ct=...: the run has no modality"),
        (["--manifest", "new.csv", "--weights", "clinical=a"], "has no modality of scans"),
        (["--manifest", "new.csv", "--set", "train.epochs=3"], "a run is used as it was trained"),
        (["--manifest", "new.csv", "--set", "extract.workers=none"], "extract.workers"),
        (["--scan", "ct=a.nii", "--scan", "cti=b.nii"], "--scan cti=...: the run has no"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(predict, new, arguments, message):
    ended = predict(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err


def test_what_is_no_run_is_refused(tmp_path):
    ended = run_mmfeat("predict", tmp_path, "--ct", "a.nii", folder=tmp_path)
    assert ended.code == 2
    assert "no finished training" in ended.err
