"""A grid is trained, each fold takes its best setting, and whoever uses the heads knows of it."""

import json

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import load_head
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.training.choosing import NESTED_NOTE
from mmfeat.stages.training.train import train
from mmfeat.stages.training.trained_run import as_trained

from ..training_cohort import project_with, write_training_cohort

TOO_LARGE = 1e30
"""A learning rate with which the loss is soon no number."""
GRID = {"learning_rate": [1e-4, 1e-2, TOO_LARGE]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    file = write_training_cohort(tmp_path_factory.mktemp("grid"))
    report = train(
        project_with(file, grid=GRID, epochs=4), progress=Silent(), should_stop=lambda: False
    )
    return file, report, json.loads((file.parent / "run" / "run.json").read_text())


def _loss(run, setting, fold, seed):
    folder = run / "heads/cancer/paper" / f"learning_rate={setting}" / f"fold{fold}-seed{seed}"
    return load_head(folder).validation


def test_each_fold_takes_the_setting_with_the_lowest_mean_loss(trained):
    file, _, run = trained
    for one in run["chosen"]["cancer"]["paper"]:
        means = {
            value: np.mean(
                [_loss(file.parent / "run", value, one["fold"], seed) for seed in (0, 1)]
            )
            for value in (1e-4, 1e-2)
        }
        assert one["setting"] == {"learning_rate": min(means, key=means.get)}
        assert one["validation"] == {
            **{f"learning_rate={value}": pytest.approx(mean) for value, mean in means.items()},
            f"learning_rate={TOO_LARGE}": None,
        }
    assert NESTED_NOTE in run["notes"]


def test_heads_whose_loss_is_no_number_are_listed_and_the_others_go_on(trained):
    _, report, run = trained
    assert report.n_trained == 2 * (2 * 2 + 1)
    assert len(report.failures) == len(run["failures"]) == 2 * 2
    for one in run["failures"]:
        assert one["setting"] == f"learning_rate={TOO_LARGE}"
        assert "lower `train.learning_rate`" in one["reason"]


def test_only_heads_of_the_chosen_setting_predict(trained):
    file, _, run = trained
    predictions = predict_run(project_with(file, epochs=4), Silent())
    rows = predictions.views.query("method == 'paper' and regime == 'natural'")
    _, known = as_trained(project_with(file))
    assert {key[2]: setting for key, setting in known.chosen.items()} == {
        one["fold"]: one["setting"] for one in run["chosen"]["cancer"]["paper"]
    }
    assert set(rows.fold) == {0, 1}
    assert predictions.notes[0] == NESTED_NOTE
    assert "heads that failed in training" in predictions.notes[1]


def test_the_settings_are_those_of_the_training_and_the_rest_as_they_are(trained):
    file, _, _ = trained
    project, _ = as_trained(project_with(file, methods=["logistic"], seeds=[9], dropout=0.4))
    assert project.settings.train.methods == ["paper", "average"]
    assert project.settings.train.seeds == [0, 1]
    assert project.settings.train.grid == GRID
    assert project.settings.train.dropout == 0.4


def test_a_torn_run_file_is_named(trained, tmp_path):
    file = write_training_cohort(tmp_path)
    with pytest.raises(TrainError, match=r"no finished training; run `mmfeat train mmfeat\.yaml`"):
        as_trained(project_with(file))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text('{"settings": {}}')
    with pytest.raises(TrainError, match=r"run\.json: cannot be read .* run `mmfeat train` again"):
        as_trained(project_with(file))
