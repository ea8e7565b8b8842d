"""An evaluation is left whole or not at all, and goes when the heads change that it is of."""

import json
import os
import shutil

import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import EvalError, TrainError
from mmfeat.progress import Silent
from mmfeat.provenance import process_table, sha256_of_file
from mmfeat.report.html import write_report
from mmfeat.report.run_results import check_predictions
from mmfeat.stages.evaluation.evaluated_runs import compare_folders
from mmfeat.stages.evaluation_files import forget_evaluation
from mmfeat.stages.predicting.references import References
from mmfeat.stages.training.train import train

from .training_cohort import write_training_cohort

NAMES = ("report.html", "results.json", "calibration.json", "references.json")


def _leave_evaluation(run):
    for name in NAMES:
        (run / name).write_text("{}")


def test_only_what_an_evaluation_left_goes_and_files_of_killed_processes(tmp_path):
    _leave_evaluation(tmp_path)
    gone = 2**22 + 1  # above the largest process number of Linux
    theirs = tmp_path / f".results.{gone}@{process_table()}-0123abcd.partial.json"
    ours = tmp_path / f".results.{os.getpid()}@{process_table()}-0123abcd.partial.json"
    kept = (ours, tmp_path / "run.json", tmp_path / "slide.png")
    for file in (theirs, tmp_path / "roc-cancer.png", *kept):
        file.touch()
    forget_evaluation(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    forget_evaluation(tmp_path)


def test_a_head_that_is_trained_anew_ends_the_evaluation_of_the_run(tmp_path):
    file = write_training_cohort(tmp_path)
    run = tmp_path / "run"

    def trained():
        project = load_project(file, ["train.methods=[logistic]", "train.seeds=[0]"])
        train(project, progress=Silent(), should_stop=lambda: False)

    trained()
    _leave_evaluation(run)
    trained()  # there is nothing to do
    assert all((run / name).is_file() for name in NAMES)
    shutil.rmtree(next((run / "heads").rglob("head.json")).parent)
    trained()
    assert not any((run / name).exists() for name in NAMES)
    with pytest.raises(TrainError, match="run `mmfeat eval` first"):
        References.load(run)


def test_predictions_of_another_evaluation_are_not_taken_for_those_of_the_results(tmp_path):
    (tmp_path / "predictions.parquet").write_bytes(b"old")
    digest = sha256_of_file(tmp_path / "predictions.parquet")
    results = {"provenance": {"predictions": {"sha256": digest}}}
    check_predictions(tmp_path, results)
    (tmp_path / "predictions.parquet").write_bytes(b"new")
    with pytest.raises(EvalError, match=r"not what results\.json beside it was made of"):
        check_predictions(tmp_path, results)
    check_predictions(tmp_path, {})  # of an earlier version


@pytest.mark.parametrize("read", [write_report, lambda run: compare_folders([run])])
def test_mixed_files_are_neither_reported_on_nor_compared(read, tmp_path):
    pd.DataFrame({"target": ["cancer"]}).to_parquet(tmp_path / "predictions.parquet")
    results = {"targets": {}, "methods": [], "modalities": [], "intervals": {}, "provenance": {}}
    results["provenance"]["predictions"] = {"sha256": "0" * 64}
    (tmp_path / "results.json").write_text(json.dumps(results))
    with pytest.raises(EvalError, match="an evaluation that was stopped; run `mmfeat eval` again"):
        read(tmp_path)
