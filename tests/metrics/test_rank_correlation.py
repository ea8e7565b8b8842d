import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from mmfeat.metrics.rank_correlation import spearman_within_folds

PAIRS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=30)


@given(PAIRS)
def test_it_is_that_of_scipy_with_ties(pairs):
    truth, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    ours = spearman_within_folds(truth, predicted, np.zeros(len(pairs)))
    if len(set(truth)) == 1 or len(set(predicted)) == 1:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(spearmanr(truth, predicted).statistic, abs=1e-9)


def test_folds_count_by_their_cases_and_constant_ones_not_at_all():
    truth, predicted = [1, 2, 3, 3, 2, 1, 4, 5], [1, 2, 3, 1, 2, 3, 7, 7]
    assert spearman_within_folds(truth, predicted, [0] * 3 + [1] * 3 + [2] * 2) == pytest.approx(0)
    assert spearman_within_folds(truth[:6], predicted[:6], [0] * 3 + [1, 2, 3]) == 1.0


def test_a_case_of_weight_two_counts_as_two_cases():
    random = np.random.default_rng(0)
    truth, predicted, weights = (random.integers(0, 9, 40) for _ in range(3))
    rows = np.repeat(np.arange(40), weights)
    twice = spearmanr(truth[rows], predicted[rows]).statistic
    ours = spearman_within_folds(truth, predicted, np.zeros(40), weights)
    assert ours == pytest.approx(twice)
