import re
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from mmfeat.errors import TrainError
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.features import open_features
from mmfeat.stages.predicting.run_model import RunModel
from tests.stages.predicting.conftest import write_calibration


def _table(model):
    return open_features(model.project, open_cohort(model.project))


def _every_view(model, table):
    """Give each row of the views of predictions.parquet: availability, rows, visible."""
    for view in ([True, False], [False, True], [True, True]):
        seen = np.array(view)
        visible = table.present & seen
        whole = table.present[:, seen].all(axis=1)
        visible[~whole] = table.present[~whole]  # other cases must show something, too
        name = "+".join(np.array(model.modalities)[seen])
        yield name, np.flatnonzero(whole), visible


def _predicted(run, model, target, availability, fold):
    frame = pd.read_parquet(run / "predictions.parquet")
    of_view = frame[
        (frame["target"] == target)
        & (frame["method"] == model.method)
        & (frame["regime"] == "simulated")
        & (frame["availability"] == availability)
        & (frame["fold"] == fold)
    ]
    return of_view.pivot(index="case_id", columns="output", values="prediction")


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("networks_run", "paper"),
        ("networks_run", "paper~both"),
        ("linear_run", "average"),
        ("linear_run", "average@ple"),
    ],
)
def test_it_says_of_a_test_part_what_evaluation_said_bit_for_bit(name, method, request):
    run = request.getfixturevalue(name)
    model = RunModel.open(run, method=method)
    table = _table(model)
    cases = model.ready(table)
    n_compared = 0
    for target in model.targets:
        for availability, _, visible in _every_view(model, table):
            answers = model.answers(cases, visible, target, recalibrated=False)
            for fold in range(model.n_folds):
                wanted = _predicted(run, model, target, availability, fold)[list(answers.names)]
                rows = [table.case_ids.index(case_id) for case_id in wanted.index]
                np.testing.assert_array_equal(answers.by_fold[fold][rows], wanted.to_numpy())
                n_compared += len(rows)
    assert n_compared > 100


def test_the_prediction_is_the_mean_over_folds_and_the_spread_is_over_all_heads(networks_run):
    model = RunModel.open(networks_run)
    cases = model.ready(_table(model))
    answers = model.answers(cases, cases.present, "cancer", recalibrated=False)
    assert [len(heads) for heads in answers.by_head] == [2, 2]
    np.testing.assert_allclose(answers.mean, np.mean([h.mean(0) for h in answers.by_head], axis=0))
    np.testing.assert_allclose(answers.sd, np.concatenate(answers.by_head).std(axis=0))
    assert (answers.sd > 0).all()


def test_what_is_hidden_does_not_count(networks_run):
    model = RunModel.open(networks_run)
    table = _table(model)
    rows = np.flatnonzero(table.present.all(axis=1))
    visible = table.present.copy()
    visible[rows, 0] = False
    before = model.answers(model.ready(table), visible, "cancer").mean
    table.vectors["ct"][rows] += 7
    after = model.answers(model.ready(table), visible, "cancer").mean
    np.testing.assert_array_equal(after[rows], before[rows])


def test_it_knows_its_methods_targets_and_modalities(networks_run, linear_run):
    model = RunModel.open(networks_run)
    assert model.methods == ("paper", "paper~both")
    assert model.kinds == {"cancer": "binary", "survival": "time_to_event"}
    assert model.outputs("survival")[-1] == "risk"
    assert (model.modalities, model.widths) == (("ct", "clinical"), {"ct": 4})
    assert not model.is_exported
    assert RunModel.open(linear_run).methods == ("average", "average@ple")
    assert model.project.file == (networks_run.parent / "mmfeat.yaml").resolve()


def test_a_run_that_does_not_say_where_its_settings_are_is_taken_to_be_where_they_say(
    networks_run, tmp_path
):
    shutil.copytree(networks_run, tmp_path / "run")
    text = (tmp_path / "run/run.json").read_text()
    (tmp_path / "run/run.json").write_text(re.sub(r'"settings_file": "[^"]*",', "", text))
    assert RunModel.open(tmp_path / "run").project.folder == tmp_path


def test_patients_who_were_trained_on_are_known(networks_run):
    model = RunModel.open(networks_run)
    assert model.known_patients(["patient-3", "somebody", "patient-3"]) == ("patient-3",)


def test_a_method_that_is_not_there_is_refused_by_the_nearest_name(networks_run):
    with pytest.raises(TrainError, match=r"no method `papr`, only paper, .*; did you mean `paper`"):
        RunModel.open(networks_run, method="papr")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(TrainError, match=r"no finished training; name the folder of a run"):
        RunModel.open(tmp_path)


def test_settings_that_cannot_be_read_are_refused_by_the_setting(networks_run, tmp_path):
    shutil.copytree(networks_run, tmp_path / "run")
    text = (tmp_path / "run/run.json").read_text()
    (tmp_path / "run/run.json").write_text(text.replace('"val_share"', '"val_shore"'))
    with pytest.raises(TrainError, match=r"cannot read the settings of the run .*val_shore"):
        RunModel.open(tmp_path / "run")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda seen: seen[:-1], r"visible must be bool \(90, 2\)"),
        (lambda seen: np.ones_like(seen), "is to be seen through a modality that it has not"),
        (lambda seen: np.zeros_like(seen), "row 0 has no visible modality"),
    ],
)
def test_a_mask_that_does_not_fit_is_a_mistake(networks_run, change, message):
    model = RunModel.open(networks_run)
    cases = model.ready(_table(model))
    with pytest.raises(ValueError, match=message):
        model.answers(cases, change(cases.present), "cancer")


def test_cox_models_without_their_baseline_hazards_ask_for_an_evaluation(networks_run, tmp_path):
    shutil.copytree(networks_run, tmp_path / "run")
    for file in (tmp_path / "run").rglob("baselines.json"):
        file.unlink()
    with pytest.raises(TrainError, match=r"no baseline hazards yet; run `mmfeat eval` first"):
        RunModel.open(tmp_path / "run").outputs("survival")


def test_each_fold_is_recalibrated_as_it_was_fitted_and_by_what_is_seen(networks_run, tmp_path):
    shutil.copytree(networks_run, tmp_path / "run")
    write_calibration(tmp_path / "run")
    model = RunModel.open(tmp_path / "run")
    table = _table(RunModel.open(networks_run))
    cases = model.ready(table)
    raw, better = (
        model.answers(cases, cases.present, "cancer", recalibrated=flag) for flag in (False, True)
    )
    assert (raw.recalibrated, better.recalibrated) == (None, "temperature")
    whole = cases.present.all(axis=1)
    for fold, temperature in enumerate((2.0, 4.0)):
        wanted = expit(logit(raw.by_fold[fold][whole]) / temperature)
        np.testing.assert_allclose(better.by_fold[fold][whole], wanted, atol=1e-12)
        np.testing.assert_array_equal(better.by_fold[fold][~whole], raw.by_fold[fold][~whole])
    assert (better.sd[whole] < raw.sd[whole]).mean() > 0.9
    np.testing.assert_array_equal(better.by_head[0], raw.by_head[0])
