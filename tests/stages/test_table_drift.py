import numpy as np
import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.table_drift import compare_with_training

from .training_cohort import write_training_cohort

COLUMNS = "{age: {type: numeric}, stage: {type: categorical}}"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    settings = write_training_cohort(tmp_path_factory.mktemp("cohort"))
    targets = "{cancer: {kind: binary, column: cancer}}"
    return load_project(
        settings, [f"modalities.clinical.columns={COLUMNS}", f"cohort.targets={targets}"]
    )


def _compared(project, tmp_path, frame):
    frame.to_csv(tmp_path / "later.csv", index=False)
    found = compare_with_training(project, tmp_path / "later.csv")
    return found, {column.drift.column: column for column in found.columns}


def test_the_cases_that_are_compared_with_do_not_differ_from_themselves(project, tmp_path):
    manifest = pd.read_csv(project.folder / "manifest.csv")
    seen = open_folds(project, open_cohort(project), save=False)[0].outside_test
    found, columns = _compared(project, tmp_path, manifest.iloc[seen])
    assert (found.n_rows, found.n_reference, found.notes) == (len(seen), len(seen), ())
    assert not any(column.differs or column.has_news for column in found.columns)
    assert columns["age"].drift.missing == pytest.approx(
        [manifest.age.iloc[seen].isna().mean()] * 2
    )


def test_a_shift_a_new_category_and_more_gaps_are_found(project, tmp_path):
    manifest = pd.read_csv(project.folder / "manifest.csv")
    seen = open_folds(project, open_cohort(project), save=False)[0].outside_test
    known = manifest.age.iloc[seen].dropna()
    later = pd.DataFrame({"stage": ["late", "spread"] * 30, "age": [95.5, 60.0, np.nan] * 20})
    _, columns = _compared(project, tmp_path, later)
    age, stage = columns["age"].drift, columns["stage"].drift
    assert (age.outside, age.ranges[1]) == (20, (60.0, 95.5))
    assert age.ranges[0] == (known.min(), known.max())
    assert (stage.new, stage.n_new) == (("spread",), 30)
    assert all(column.differs and column.has_news for column in columns.values())


def test_a_column_that_lacks_is_told_and_no_sign_of_drift_in_others(project, tmp_path):
    manifest = pd.read_csv(project.folder / "manifest.csv")
    found, columns = _compared(project, tmp_path, manifest.drop(columns="age"))
    assert columns["age"].absent
    assert columns["age"].differs
    assert (columns["age"].drift.missing[1], columns["age"].drift.p) == (1.0, None)
    alone = load_project(
        project.file,
        [
            "modalities.clinical.columns={stage: {type: categorical}}",
            "cohort.targets={cancer: {kind: binary, column: cancer}}",
        ],
    )
    (stage,) = compare_with_training(alone, found.file).columns
    assert columns["stage"] == stage


def test_one_row_is_compared_without_a_distance(project, tmp_path):
    found, columns = _compared(project, tmp_path, pd.DataFrame({"stage": ["spread"], "age": [61]}))
    assert found.n_rows == 1
    assert columns["stage"].drift.new == ("spread",)
    assert columns["age"].drift.distance is None
    assert not columns["age"].differs
