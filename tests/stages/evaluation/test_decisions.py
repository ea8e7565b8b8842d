import json
from dataclasses import replace

import pytest

from mmfeat.calibration import recalibrator_from_json
from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.decisions import add_decisions
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.evaluation.prediction import predict_opened
from mmfeat.stages.predicting.calibration_file import CALIBRATION_FILE
from mmfeat.stages.training.open_run import open_run
from mmfeat.stages.training.train import train
from mmfeat.stages.training.trained_run import as_trained

BLOCKS = ("operating_points", "recalibration", "decision_curve", "worst_cases")


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory, write_project):
    file = write_project(tmp_path_factory.mktemp("project"), n_cases=120)
    settings = ["eval.resamples=100", "eval.missing_cells=[]", "eval.missing_columns=false"]
    split = ["cohort.split.folds=2", "cohort.split.val_share=0.5"]
    project = load_project(file, settings + split)
    train(project, progress=Silent(), should_stop=lambda: False)
    project, trained = as_trained(project)
    opened = open_run(project)
    predictions = predict_opened(opened, trained, Silent())
    return Evaluation.of(opened, trained, predictions, Silent())


def _decided(evaluation):
    results = {"targets": {"cancer": {"methods": {"logistic": {}, "average": {}}}}, "notes": []}
    add_decisions(results, evaluation)
    return results


@pytest.fixture(scope="module")
def results(evaluation):
    return _decided(evaluation)


def test_every_target_has_the_blocks_and_the_notes_explain_them(results):
    of_target = results["targets"]["cancer"]
    for block in BLOCKS:
        assert "reason" not in of_target[block], block
        assert any(note.startswith(f"{block}: ") for note in results["notes"])
        if block != "decision_curve":
            assert list(of_target[block]["methods"]) == ["logistic", "average"]


def test_what_was_fitted_is_kept_for_new_cases(evaluation, results):
    kept = json.loads((evaluation.run / CALIBRATION_FILE).read_text())
    assert kept["chosen"] == "temperature"
    of_method = kept["targets"]["cancer"]["logistic"]
    assert set(of_method) == {"ct+clinical", "ct", "clinical"}
    shown = results["targets"]["cancer"]["recalibration"]["methods"]["logistic"]["simulated"]["ct"]
    for fold in ("0", "1"):
        made = {name: recalibrator_from_json(one) for name, one in of_method["ct"][fold].items()}
        assert set(made) == {"temperature", "isotonic"}
        taken = getattr(made["temperature"], "temperatures", None)  # none where none clearly helps
        assert shown["temperatures"][fold] == (None if taken is None else list(taken))


def test_they_can_be_switched_off(evaluation):
    settings = evaluation.settings
    off = {"operating_points": [], "worst_cases": 0, "recalibration": "none"}
    settings = settings.model_copy(update={"eval": settings.eval.model_copy(update=off)})
    project = replace(evaluation.project, settings=settings)
    opened = replace(evaluation.opened, project=project)
    of_target = _decided(replace(evaluation, opened=opened))["targets"]["cancer"]
    assert of_target["operating_points"] == {"reason": "switched off by eval.operating_points"}
    assert of_target["worst_cases"] == {"reason": "switched off by eval.worst_cases"}
    curve = of_target["decision_curve"]["outputs"]["1"]["methods"]["logistic"]
    assert "recalibrated" not in curve
    assert of_target["recalibration"]["chosen"] == "none"
