import json
import shutil

import numpy as np
import pandas as pd
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import load_head
from mmfeat.progress import Silent
from mmfeat.report import PREDICTION_COLUMNS, read_views
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.training.train import train

from ..training_cohort import N_CASES, project_with, write_training_cohort

TARGETS = ["cancer", "stage", "findings"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = write_training_cohort(tmp_path_factory.mktemp("predicted"))
    train(project_with(file, targets=TARGETS), progress=Silent(), should_stop=lambda: False)
    return file


@pytest.fixture
def copied(file, tmp_path):
    """The trained project in a folder of its own, to be spoilt."""
    shutil.copytree(file.parent, tmp_path / "copy")
    return tmp_path / "copy" / "mmfeat.yaml"


@pytest.fixture(scope="module")
def frame(file):
    return predict_run(project_with(file, targets=TARGETS), Silent()).views


def test_columns_and_names_are_those_of_the_documentation(frame):
    assert tuple(frame.columns) == PREDICTION_COLUMNS
    assert set(frame.regime) == {"natural", "simulated"}
    assert set(frame.availability) == {"ct", "clinical", "ct+clinical"}
    assert frame[frame.target == "stage"].output.unique().tolist() == ["none", "early", "late"]
    assert frame[frame.target == "findings"].output.unique().tolist() == ["nodule", "fibrosis"]


def test_the_report_can_read_them(frame):
    kinds = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}
    views = read_views(frame, kinds)
    # two methods, three targets, three sets of modalities, natural and simulated
    assert len(views) == 2 * 3 * 3 * 2


def test_every_case_is_predicted_once_with_what_it_has(frame):
    natural = frame[(frame.regime == "natural") & (frame.method == "paper")]
    cancer = natural[natural.target == "cancer"]
    assert sorted(cancer.case_id) == [f"case-{number:03d}" for number in range(N_CASES)]
    by_case = cancer.set_index("case_id").availability
    assert by_case["case-000"] == "ct+clinical"
    assert by_case["case-032"] == "ct"
    assert by_case["case-055"] == "clinical"


def test_simulated_views_hold_exactly_the_cases_that_have_them_whole(frame):
    simulated = frame[(frame.regime == "simulated") & (frame.method == "average")]
    counts = simulated[simulated.target == "cancer"].availability.value_counts()
    assert counts.to_dict() == {"ct": 75, "clinical": 74, "ct+clinical": 59}


def test_labels_are_those_of_the_manifest(frame, file):
    manifest = pd.read_csv(file.parent / "manifest.csv").set_index("case_id")
    rows = frame[(frame.regime == "natural") & (frame.method == "paper")].set_index("case_id")
    cancer = rows[rows.target == "cancer"]
    np.testing.assert_array_equal(cancer.label, manifest.cancer[cancer.index])
    late = rows[(rows.target == "stage") & (rows.output == "late")]
    np.testing.assert_array_equal(late.label == 1, manifest.stage[late.index] == "late")
    nodule = rows[(rows.target == "findings") & (rows.output == "nodule")]
    np.testing.assert_array_equal(nodule.label, manifest.nodule[nodule.index])


def test_class_probabilities_sum_to_one(frame):
    stage = frame[frame.target == "stage"]
    keys = ["case_id", "method", "regime", "availability"]
    np.testing.assert_allclose(stage.groupby(keys).prediction.sum(), 1.0)


def test_probabilities_are_the_mean_over_the_seeds_of_heads_that_never_saw_the_case(frame, file):
    project = project_with(file)
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    table = open_features(project, cohort)
    row = cohort.case_ids.index("case-000")
    (number,) = [k for k, fold in enumerate(folds) if row in fold.test]
    features = fit_features(project, table, folds[number].train).transform(table)
    one = {name: values[[row]] for name, values in features.items()}
    run = file.parent / "run/heads/cancer/paper"
    heads = [load_head(run / f"fold{number}-seed{seed}") for seed in (0, 1)]
    expected = np.mean([head.predict(one, np.array([[True, False]])) for head in heads])
    chosen = frame.query(
        "case_id == 'case-000' and target == 'cancer' and method == 'paper' "
        "and regime == 'simulated' and availability == 'ct'"
    )
    assert chosen.fold.tolist() == [number]
    assert chosen.prediction.item() == pytest.approx(expected)


def test_predicting_without_training_says_what_to_run(tmp_path):
    with pytest.raises(TrainError, match=r"run `mmfeat train mmfeat.yaml` first"):
        predict_run(project_with(write_training_cohort(tmp_path)), Silent())


def test_heads_are_those_of_the_run_whatever_the_settings_name(frame, file):
    others = predict_run(
        project_with(file, seeds=[7], methods=["logistic"], targets=["stage"]), Silent()
    ).views
    pd.testing.assert_frame_equal(others, frame)


def test_a_head_that_is_gone_is_named(copied):
    shutil.rmtree(copied.parent / "run/heads/cancer/paper/fold0-seed1")
    with pytest.raises(TrainError, match="fold0-seed1: this head is not trained yet"):
        predict_run(project_with(copied), Silent())


def test_a_head_with_another_bit_is_refused_before_it_predicts(copied):
    file = copied.parent / "run/heads/cancer/paper/fold0-seed1/model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(TrainError, match=r"fold0-seed1/model\.safetensors: damaged"):
        predict_run(project_with(copied), Silent())


def test_heads_that_failed_are_left_out_and_named(copied, frame):
    failed = {"target": "cancer", "method": "paper", "setting": "", "fold": 0, "reason": "NaN"}
    run = json.loads((copied.parent / "run" / "run.json").read_text())
    run["failures"] = [{**failed, "seed": 1}]
    (copied.parent / "run" / "run.json").write_text(json.dumps(run))
    shutil.rmtree(copied.parent / "run/heads/cancer/paper/fold0-seed1")
    partly = predict_run(project_with(copied), Silent())
    assert len(partly.views) == len(frame)
    assert any("heads that failed in training are left out of the mean" in n for n in partly.notes)
    run["failures"] += [{**failed, "seed": 0}]
    (copied.parent / "run" / "run.json").write_text(json.dumps(run))
    without = predict_run(project_with(copied), Silent())
    assert set(without.views[without.views.target == "cancer"].method) == {"average"}
    assert any("`cancer`, paper is left out for want of heads: fold 0" in n for n in without.notes)


def test_heads_of_other_settings_are_refused_by_the_name_of_the_setting(file):
    with pytest.raises(TrainError, match=r"options\.dropout was 0\.2 and is 0\.5"):
        predict_run(project_with(file, dropout=0.5), Silent())


def test_heads_of_other_labels_are_refused(copied):
    manifest = copied.parent / "manifest.csv"
    changed = pd.read_csv(manifest, dtype=str)
    changed["cancer"] = changed["cancer"].map({"0": "1", "1": "0"})
    changed.to_csv(manifest, index=False)
    with pytest.raises(TrainError, match="labels was"):
        predict_run(project_with(copied), Silent())
