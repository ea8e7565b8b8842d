"""Sums up to each distinct score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.metrics.ranked_cases import RankedCases, ratio


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=25
    )
)
def test_sums_are_those_of_an_explicit_loop(rows):
    labels, scores, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    cumulated = RankedCases(labels, scores).cumulate(weights[None])
    distinct = np.unique(scores)
    assert cumulated.weight.shape == (1, len(distinct) + 1)
    for column, score in enumerate(distinct, start=1):
        below = scores <= score
        assert cumulated.weight[0, column] == weights[below].sum()
        assert cumulated.positive[0, column] == (weights * labels)[below].sum()
    assert cumulated.weight[0, 0] == cumulated.positive[0, 0] == 0


def test_no_cases_give_one_column_of_zeros():
    assert RankedCases([], []).cumulate(np.ones((3, 0))).weight.tolist() == [[0.0]] * 3


def test_a_ratio_over_zero_is_undefined():
    np.testing.assert_array_equal(ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])), [0.5, np.nan])
