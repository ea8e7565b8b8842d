import shutil

import numpy as np
import pandas as pd
import pytest

from mmfeat.fusion import load_head
from mmfeat.fusion.head_files import read_description, write_description
from mmfeat.progress import Silent
from mmfeat.report import PREDICTION_COLUMNS
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.evaluation.validation_views import read_validation
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.training.train import train

from ..training_cohort import project_with, write_training_cohort

METHODS = ["paper", "average", "mmfeat"]
TARGETS = ["cancer", "survival"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = write_training_cohort(tmp_path_factory.mktemp("validation"))
    project = project_with(file, methods=METHODS, targets=TARGETS, seeds=[0], epochs=1)
    train(project, progress=Silent(), should_stop=lambda: False)
    return file


@pytest.fixture(scope="module")
def predictions(file):
    return predict_run(project_with(file, epochs=1), Silent())


@pytest.fixture(scope="module")
def fold(file):
    """The first fold: its number, its cases, and their features as fitted to its training part."""
    project = project_with(file)
    cohort = open_cohort(project)
    fold = open_folds(project, cohort)[0]
    table = open_features(project, cohort)
    return fold, cohort, table, fit_features(project, table, fold.train).transform(table)


def _rows(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


def test_only_cases_of_the_validation_part_of_the_fold_are_there(predictions, fold):
    first, cohort, _, _ = fold
    frame = predictions.validation
    assert tuple(frame.columns) == PREDICTION_COLUMNS
    assert set(frame.method) == set(METHODS)
    cases = {cohort.case_ids[row] for row in first.val}
    found = _rows(frame, fold=0)
    assert set(found.case_id) <= cases
    test = set(_rows(predictions.views, fold=0).case_id)
    assert not test & set(found.case_id)
    assert not {cohort.case_ids[row] for row in first.train} & set(found.case_id)


def test_every_labelled_case_is_there_once_for_each_method_as_it_comes(predictions, fold):
    first, cohort, table, _ = fold
    labels = cohort.targets["cancer"].values[first.val, 0]
    wanted = sorted(
        cohort.case_ids[row]
        for row, label in zip(first.val, labels, strict=True)
        if not np.isnan(label) and table.usable[row]
    )
    for method in METHODS:
        rows = _rows(
            predictions.validation, fold=0, method=method, target="cancer", regime="natural"
        )
        assert sorted(rows.case_id) == wanted


def test_a_network_that_was_not_fitted_to_them_is_asked(predictions, fold, file):
    first, cohort, _, features = fold
    rows = _rows(
        predictions.validation,
        fold=0,
        method="paper",
        target="cancer",
        regime="simulated",
        availability="ct",
    )
    row = cohort.case_ids.index(rows.case_id.iloc[0])
    assert row in first.val
    one = {name: values[[row]] for name, values in features.items()}
    head = load_head(file.parent / "run/heads/cancer/paper/fold0-seed0")
    expected = head.predict(one, np.array([[True, False]]))
    assert rows.prediction.iloc[0] == pytest.approx(expected[0, 0])


@pytest.mark.parametrize("method", ["average", "mmfeat"])
def test_heads_that_were_fitted_to_them_are_not(predictions, fold, file, method):
    _, cohort, _, features = fold
    rows = _rows(
        predictions.validation,
        fold=0,
        method=method,
        target="cancer",
        regime="simulated",
        availability="ct",
    )
    numbers = np.array([cohort.case_ids.index(name) for name in rows.case_id])
    folder = next((file.parent / f"run/heads/cancer/{method}").glob("fold0*"))
    head = load_head(folder)
    visible = np.tile([True, False], (len(numbers), 1))
    kept = head.unseen.of(numbers, visible, 1)[:, 0]
    np.testing.assert_allclose(rows.prediction, kept)
    asked = head.predict({k: values[numbers] for k, values in features.items()}, visible)[:, 0]
    assert (np.abs(kept - asked) > 1e-6).all()


def test_risks_of_hazards_come_out_of_what_heads_kept(predictions):
    rows = _rows(predictions.validation, target="survival", method="average", regime="natural")
    by_case = rows[rows.output.str.startswith("by ")].pivot_table(
        index=["fold", "case_id"], columns="output", values="prediction", sort=False
    )
    assert (np.diff(by_case.to_numpy(), axis=1) >= 0).all()
    assert by_case.to_numpy().min() > 0


def test_heads_of_earlier_versions_have_no_rows_and_the_others_do(file, tmp_path):
    shutil.copytree(file.parent, tmp_path / "copy")
    for kept in (tmp_path / "copy").glob("run/heads/**/unseen.safetensors"):
        kept.unlink()
        write_description(kept.parent, read_description(kept.parent))  # as if it kept nothing
    copied = project_with(tmp_path / "copy" / "mmfeat.yaml", epochs=1)
    frame = predict_run(copied, Silent()).validation
    assert set(frame.method) == {"paper"}


def test_folds_are_read_apart(predictions):
    kinds = {"cancer": "binary", "survival": "time_to_event"}
    read = read_validation(predictions.validation, kinds)
    assert list(read) == [0, 1]
    for number, views in read.items():
        assert all(set(cases.folds) == {number} for cases in views.values())
    assert read_validation(pd.DataFrame(), kinds) == {}
