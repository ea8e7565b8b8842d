"""Evaluation of a project: from predictions to files; a bad true risk is one clear line."""

import json
import shutil

import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import EvalError
from mmfeat.metrics import auroc_within_folds
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.evaluate import evaluate, results_from_predictions
from mmfeat.stages.predicting.references import References
from mmfeat.stages.training.train import train


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, write_project):
    file = write_project(tmp_path_factory.mktemp("project"))
    project = load_project(file, ["eval.figures=true"])
    train(project, progress=Silent(), should_stop=lambda: False)
    return project, evaluate(project, progress=Silent())


def test_files_hold_what_is_returned(evaluated):
    project, results = evaluated
    run = project.path(project.settings.train.run)
    assert json.loads((run / "results.json").read_text()) == results
    assert results["schema"] == 1
    assert results["warnings"] == []
    assert results["versions"]["mmfeat"]
    drawn = [f"{name}-cancer.png" for name in ("roc", "reliability", "missing-modalities")]
    assert results["figures"] == {"cancer": drawn}
    assert all((run / name).is_file() for name in results["figures"]["cancer"])
    assert not list(run.glob(".*partial*"))


def test_what_new_cases_are_compared_with_is_kept(evaluated):
    project, results = evaluated
    references = References.load(project.path(project.settings.train.run))
    for method in results["targets"]["cancer"]["methods"]:
        for availability in results["targets"]["cancer"]["availabilities"]:
            assert references.comparison("cancer", method, availability) is not None


def test_results_follow_from_the_predictions_on_disk(evaluated):
    project, results = evaluated
    frame = pd.read_parquet(project.path(project.settings.train.run) / "predictions.parquet")
    of_target = results["targets"]["cancer"]
    assert of_target["availabilities"] == ["ct+clinical", "ct", "clinical"]
    for method in ("logistic", "average"):
        natural = frame[(frame.method == method) & (frame.regime == "natural")]
        assert len(natural) == natural.case_id.nunique() == 90
        found = of_target["methods"][method]["natural"]["metrics"]["auroc"]["point"]
        assert found == pytest.approx(
            auroc_within_folds(natural.label, natural.prediction, natural.fold)
        )
    assert of_target["ceiling"]["auroc"]["point"] > 0.7


def test_evaluating_again_gives_the_same_results(evaluated):
    project, results = evaluated
    assert evaluate(project, progress=Silent()) == results


def test_results_can_be_made_from_any_predictions_table(evaluated, made_predictions):
    frame, risk = made_predictions(n_patients=50)
    settings = evaluated[0].settings
    results = results_from_predictions(
        frame, settings, true_risk={"cancer": risk}, progress=Silent()
    )
    assert results["intervals"]["resamples"] == 200
    assert set(results["targets"]["cancer"]["methods"]) == {"mmfeat", "logistic", "average"}
    assert len(results["settings_sha256"]) == 64


def test_a_true_risk_that_lacks_cases_is_one_line_and_leaves_no_results(evaluated, tmp_path):
    copy = shutil.copytree(evaluated[0].folder, tmp_path / "copy")
    (copy / "risk.csv").write_text("case_id,cancer\nc000,0.5\n")
    project = load_project(copy / "mmfeat.yaml", ["eval.resamples=100"])
    with pytest.raises(EvalError, match=r"no row for \d+ cases") as error:
        evaluate(project, progress=Silent())
    assert "\n" not in str(error.value)
    # Those of the evaluation before would stand beside predictions that they are not of.
    assert not (project.path(project.settings.train.run) / "results.json").exists()


def test_without_a_true_risk_there_is_no_ceiling(evaluated, tmp_path):
    copy = shutil.copytree(evaluated[0].folder, tmp_path / "copy")
    project = load_project(copy / "mmfeat.yaml", ["eval.true_risk=null", "eval.resamples=100"])
    assert evaluate(project, progress=Silent())["targets"]["cancer"]["ceiling"] is None
