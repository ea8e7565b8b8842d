"""A predictions table as arrays."""

import numpy as np
import pytest

from mmfeat.errors import EvalError
from mmfeat.report.scored_cases import View, joined, read_views

KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}


@pytest.fixture(scope="module")
def frame(made_predictions):
    return made_predictions(n_patients=80, targets=tuple(KINDS))[0]


def test_every_number_of_the_table_is_in_its_place_whatever_the_order_of_rows(frame):
    views = read_views(frame.sample(frac=1, random_state=3), KINDS)
    assert len(views) == 3 * 3 * 2 * 3
    looked_up = frame.set_index(
        ["target", "method", "regime", "availability", "output", "case_id"]
    ).sort_index()
    for view in (
        View("stage", "logistic", "simulated", "ct"),
        View("findings", "mmfeat", "natural", "ct"),
    ):
        cases = views[view]
        assert cases.case_ids.tolist() == sorted(cases.case_ids)
        for column, output in enumerate(cases.outputs):
            rows = looked_up.loc[(*view, output)].loc[cases.case_ids]
            np.testing.assert_array_equal(cases.probabilities[:, column], rows["prediction"])
            np.testing.assert_array_equal(cases.labels[:, column], rows["label"])
            assert cases.patient_ids.tolist() == rows["patient_id"].tolist()
            assert cases.folds.tolist() == rows["fold"].tolist()


def test_outputs_keep_the_order_of_the_table(frame):
    assert read_views(frame, KINDS)[View("stage", "mmfeat", "natural", "ct")].outputs == (
        "I",
        "II",
        "III",
    )


def test_categorical_columns_read_the_same(frame):
    columns = ["case_id", "patient_id", "target", "method", "regime", "availability", "output"]
    views, again = (
        read_views(frame, KINDS),
        read_views(frame.astype(dict.fromkeys(columns, "category")), KINDS),
    )
    assert set(views) == set(again)
    for view in views:
        np.testing.assert_array_equal(views[view].labels, again[view].labels)


def test_cases_without_any_label_are_set_aside(frame):
    cases = read_views(frame, KINDS)[View("findings", "mmfeat", "simulated", "ct")]
    unknown = np.isnan(cases.labels).all(axis=1)
    assert unknown.any()
    assert cases.labelled().case_ids.tolist() == cases.case_ids[~unknown].tolist()


def test_joined_patterns_are_all_cases_in_order(frame):
    views = read_views(frame, KINDS)
    whole = joined(
        [
            views[View("cancer", "mmfeat", "natural", name)]
            for name in ("clinical", "ct", "ct+clinical")
        ]
    )
    of_method = frame[
        (frame.target == "cancer") & (frame.method == "mmfeat") & (frame.regime == "natural")
    ]
    assert whole.case_ids.tolist() == sorted(of_method.case_id)


def test_an_empty_table_is_refused(frame):
    with pytest.raises(EvalError, match="no predictions"):
        read_views(frame.iloc[:0], KINDS)


def test_a_missing_column_is_refused(frame):
    with pytest.raises(EvalError, match="lack the columns fold: another version"):
        read_views(frame.drop(columns="fold"), KINDS)


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.5, np.inf])
def test_a_probability_that_is_none_is_named(frame, value):
    broken = frame.copy()
    broken.loc[7, "prediction"] = value
    with pytest.raises(EvalError, match=f"1 predictions are not probabilities.*{frame.case_id[7]}"):
        read_views(broken, KINDS)


def test_a_row_that_is_there_twice_or_not_at_all_is_refused(frame):
    doubled = frame.loc[[0, *range(len(frame))]]
    incomplete = frame.drop(index=frame.index[frame["output"] == "II"][0])
    for broken in (doubled, incomplete):
        with pytest.raises(EvalError, match="each case must be there once for each of the outputs"):
            read_views(broken, KINDS)
