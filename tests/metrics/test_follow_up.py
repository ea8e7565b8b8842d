import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sksurv.nonparametric import CensoringDistributionEstimator, SurvivalFunctionEstimator
from sksurv.util import Surv

from mmfeat.metrics.follow_up import FollowUp

CASES = st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=20)


def test_the_curves_by_hand():
    # At 2 one event and one end of follow-up: the event first, so one of two stays followed.
    follow_up = FollowUp([1, 2, 2, 3], [True, True, False, False])
    ones = np.ones((1, 4))
    still_followed, event_free = follow_up.curves(ones)
    assert still_followed.tolist() == [[1, 1, 0.5, 0]]
    assert event_free[0] == pytest.approx([1, 0.75, 0.5, 0.5])
    assert follow_up.before([1, 2, 2.5]).tolist() == [0, 1, 2]
    assert follow_up.after([0.5, 1, 2, 9]).tolist() == [0, 1, 2, 3]


@given(CASES.filter(lambda cases: any(event for _, event in cases)))
def test_they_are_those_of_scikit_survival(cases):
    times, events = (np.array(column) for column in zip(*cases, strict=True))
    follow_up = FollowUp(times, events)
    asked = np.unique(times)
    outcome, ones = Surv.from_arrays(events, times), np.ones((1, len(times)))
    censoring = CensoringDistributionEstimator().fit(outcome)
    expected = censoring.predict_proba(asked)
    still_followed, event_free = (
        curve[0, follow_up.after(asked)] for curve in follow_up.curves(ones)
    )
    assert still_followed == pytest.approx(expected, abs=1e-12)
    expected = SurvivalFunctionEstimator().fit(outcome).predict_proba(asked)
    assert event_free == pytest.approx(expected, abs=1e-12)


@given(CASES, st.integers(0, 1000))
def test_a_case_of_weight_two_counts_as_two_cases(cases, seed):
    times, events = (np.array(column) for column in zip(*cases, strict=True))
    weights = np.random.default_rng(seed).integers(0, 3, len(times))
    rows = np.repeat(np.arange(len(times)), weights)
    follow_up, twice = FollowUp(times, events), FollowUp(times[rows], events[rows])
    found = follow_up.curves(weights[None].astype(float))
    for ours, copied in zip(found, twice.curves(np.ones((1, len(rows)))), strict=True):
        assert ours[0, follow_up.after(times)] == pytest.approx(copied[0, twice.after(times)])
