import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sksurv.metrics import concordance_index_censored

from mmfeat.metrics.concordance import concordance_index

CASES = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(-3, 3)), min_size=2, max_size=25
)


def test_pairs_by_hand():
    # Comparable: 1 with 2, 3 and 4; 3 with 4. The case censored at 2 is never first.
    times, events = [1, 2, 3, 4], [1, 0, 1, 0]
    assert concordance_index(times, events, [4, 1, 3, 3]) == pytest.approx(3.5 / 4)


@given(CASES)
def test_it_is_that_of_scikit_survival_with_ties_of_all_kinds(cases):
    times, events, risks = (np.array(column) for column in zip(*cases, strict=True))
    ours = concordance_index(times, events, risks)
    comparable = any(
        events[i] and (times[i] < times[j] or (times[i] == times[j] and not events[j]))
        for i in range(len(times))
        for j in range(len(times))
    )
    if not comparable:
        assert np.isnan(ours)
    elif events.any():
        expected = concordance_index_censored(events.astype(bool), times, risks.astype(float))[0]
        assert ours == pytest.approx(expected)


def test_only_cases_of_one_fold_are_compared():
    times, events, risks, folds = [1, 2, 1, 2], [1, 1, 1, 1], [9, 8, 1, 2], [0, 0, 1, 1]
    assert concordance_index(times, events, risks, folds=folds) == 0.5
    assert concordance_index(times, events, risks, folds=[0, 1, 2, 3]) != 0.5  # NaN


def test_a_case_of_weight_two_counts_as_two_cases():
    random = np.random.default_rng(0)
    times, events, risks = (random.integers(0, 9, 40) for _ in range(3))
    events = (events > 4).astype(int)
    weights = random.integers(0, 4, 40)
    rows = np.repeat(np.arange(40), weights)
    twice = concordance_index(times[rows], events[rows], risks[rows])
    assert concordance_index(times, events, risks, weights=weights) == pytest.approx(twice)


def test_arrays_of_other_cases_are_refused():
    with pytest.raises(ValueError, match="four arrays of the same cases"):
        concordance_index([1, 2], [1], [0, 0])
