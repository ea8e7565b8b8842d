import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sksurv.nonparametric import kaplan_meier_estimator

from mmfeat.stages.training.time_intervals import (
    cumulative_incidence,
    event_by,
    interval_ends,
    interval_labels,
    signed_times,
    time_lost,
)

NAN = np.nan
ENDS = np.array([10.0, 20.0, 40.0])


@pytest.mark.parametrize(
    ("time", "event", "labels"),
    [
        (0.0, 1, [1, NAN, NAN]),
        (10.0, 1, [1, NAN, NAN]),
        (10.5, 1, [0, 1, NAN]),
        (40.0, 1, [0, 0, 1]),
        (41.0, 1, [0, 0, 0]),
        (4.0, 0, [NAN, NAN, NAN]),  # followed for less than half of the first interval
        (5.0, 0, [0, NAN, NAN]),
        (20.0, 0, [0, 0, NAN]),
        (30.0, 0, [0, 0, 0]),  # half of the third
        (NAN, NAN, [NAN, NAN, NAN]),
    ],
)
def test_an_interval_is_an_event_survived_or_not_at_risk(time, event, labels):
    found = interval_labels(np.array([time]), np.array([event], dtype=float), ENDS)
    np.testing.assert_array_equal(found, [labels])


@given(
    st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 8),
)
def test_ends_rise_hold_all_horizons_and_do_not_ask_for_more_intervals(cases, n_intervals):
    times, events = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    ends = interval_ends(times, events, (20.0, 50.0), n_intervals)
    assert (np.diff(ends) > 0).all()
    assert {20.0, 50.0} <= set(ends.tolist())
    assert ends[-1] == 50.0
    assert len(ends) <= max(2, n_intervals)
    labels = interval_labels(times, events, ends)
    # Every event up to the last horizon is one in exactly one interval.
    assert np.nansum(labels) == ((events == 1) & (times <= 50)).sum()


def test_every_end_between_the_horizons_leaves_five_events_on_either_side():
    random = np.random.default_rng(0)
    times, events = random.exponential(30, 80), random.integers(0, 2, 80).astype(float)
    ends = interval_ends(times, events, (60.0,), 20)
    of_events = times[(events == 1) & (times <= 60)]
    counts = np.histogram(of_events, bins=[0, *ends])[0]
    assert len(ends) > 3
    assert (counts >= 5).all()


def test_hazards_of_many_cases_give_the_curve_of_kaplan_and_meier():
    random = np.random.default_rng(0)
    event_times, ends_of_follow_up = random.exponential(30, 4000), random.uniform(0, 80, 4000)
    events = event_times <= ends_of_follow_up
    times = np.minimum(event_times, ends_of_follow_up)
    ends = np.linspace(2, 40, 20)
    labels = interval_labels(times, events.astype(float), ends)
    incidence = cumulative_incidence(np.nanmean(labels, axis=0)[None])[0]
    at, survival = kaplan_meier_estimator(events, times)
    expected = 1 - survival[np.searchsorted(at, ends, side="right") - 1]
    np.testing.assert_allclose(incidence, expected, atol=0.01)


def test_an_event_is_known_to_have_come_or_not_by_a_horizon():
    times, events = np.array([5.0, 10, 10, 11, 9, NAN]), np.array([1.0, 1, 0, 1, 0, NAN])
    np.testing.assert_array_equal(event_by(times, events, 10.0), [1, 1, 0, 0, NAN, NAN])


def test_time_lost_is_the_area_under_the_incidence():
    # 0 to 0.2 over 10, 0.2 to 0.5 over 10, 0.5 to 0.5 over 20
    lost = time_lost(np.array([[0.2, 0.5, 0.5]]), ENDS)
    assert lost[0] == pytest.approx(1 + 3.5 + 10)


def test_times_are_negative_where_follow_up_ended_without_the_event():
    signed = signed_times(np.array([0.0, 0, 7, 7]), np.array([1.0, 0, 1, 0]))
    np.testing.assert_array_equal(signed, [0, NAN, 7, -7])
