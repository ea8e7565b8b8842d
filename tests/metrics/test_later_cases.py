import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.metrics import later_cases
from mmfeat.metrics.later_cases import LaterCases

CASES = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(-3, 3), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


def _looked_at(times, events, risks, weights):
    """Every pair, one after the other."""
    later = (times > times[:, None]) | ((times == times[:, None]) & ~events)
    less = (risks < risks[:, None]) + (risks == risks[:, None]) / 2
    return (later * less) @ weights, later @ weights


@given(CASES, st.integers(2, 9))
def test_halving_by_time_counts_every_pair_once(cases, fewest):
    times, events, risks, weights = (np.array(column) for column in zip(*cases, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(later_cases, "_FEWEST_TO_HALVE", fewest)
        counted = LaterCases(times.astype(float), events, risks.astype(float))
    in_order, pairs = counted(np.stack([weights, np.ones(len(times))]))
    for place, of_row in enumerate((weights, np.ones(len(times)))):
        expected = _looked_at(times, events, risks, of_row)
        assert in_order[:, place].tolist() == expected[0][counted.events].tolist()
        assert pairs[:, place].tolist() == expected[1][counted.events].tolist()


def test_many_cases_are_counted_as_few_are():
    random = np.random.default_rng(0)
    times, risks = random.integers(0, 400, 1000).astype(float), random.integers(0, 300, 1000)
    events, weights = random.random(1000) < 0.4, random.integers(0, 4, 1000)
    counted = LaterCases(times, events, risks.astype(float))
    in_order, pairs = counted(weights[None].astype(np.uint8))
    expected = _looked_at(times, events, risks, weights)
    assert in_order[:, 0].tolist() == expected[0][counted.events].tolist()
    assert pairs[:, 0].tolist() == expected[1][counted.events].tolist()
