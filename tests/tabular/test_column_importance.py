"""Importance of columns: the adjusted R2 of statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from mmfeat.tabular.column_importance import column_importance

COLUMN_OF = np.array([0, 0, 1, 2])


@pytest.fixture(scope="module")
def cases():
    """Three columns, encoded as four, of which the first tells most and the last nothing."""
    random = np.random.default_rng(0)
    encoded = random.normal(size=(80, 4)).astype(np.float32)
    label = encoded[:, 0] - encoded[:, 1] + 0.5 * encoded[:, 2] + random.normal(size=80)
    return encoded, label.astype(np.float64)


def test_it_is_the_adjusted_r2_of_each_column_alone(cases):
    encoded, label = cases
    found = column_importance(encoded, COLUMN_OF, label[:, None])
    for column in range(3):
        design = sm.add_constant(encoded[:, column == COLUMN_OF].astype(np.float64))
        expected = sm.OLS(label, design).fit().rsquared_adj
        assert found[column] == pytest.approx(expected, rel=1e-9)
    assert found.argsort().tolist() == [2, 1, 0]


def test_several_labels_count_alike_and_unknown_ones_not(cases):
    encoded, label = cases
    noise = np.random.default_rng(1).normal(size=80)
    noise[:30] = np.nan
    both = column_importance(encoded, COLUMN_OF, np.stack([label, noise], axis=1))
    apart = [
        column_importance(encoded, COLUMN_OF, label[:, None]),
        column_importance(encoded[30:], COLUMN_OF, noise[30:, None]),
    ]
    assert both == pytest.approx(np.mean(apart, axis=0))


def test_a_redundant_encoded_column_costs_nothing_and_a_constant_one_says_nothing(cases):
    encoded, label = cases
    twice = np.hstack([encoded[:, 2:3], encoded[:, 2:3], np.ones((80, 1), np.float32)])
    found = column_importance(twice, np.array([0, 0, 1]), label[:, None])
    alone = column_importance(encoded[:, 2:3], np.array([0]), label[:, None])
    assert found == pytest.approx([alone[0], 0.0])


@pytest.mark.parametrize("labels", [np.ones((5, 1)), np.full((5, 1), np.nan)])
def test_labels_that_do_not_vary_or_are_unknown_say_nothing(labels):
    found = column_importance(np.eye(5, 2, dtype=np.float32), np.array([0, 1]), labels)
    assert found.tolist() == [0.0, 0.0]


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        column_importance(np.zeros((3, 2), np.float32), np.array([0]), np.zeros((3, 1)))
