import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.metrics import auroc_within_folds
from mmfeat.metrics.event_pairs import EventPairs

CASES = st.lists(
    st.tuples(st.sampled_from([0, 1, -1]), st.integers(0, 5), st.integers(0, 2), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


@given(CASES, st.integers(0, 99))
def test_it_is_the_auroc_within_folds_of_weighted_events(cases, seed):
    status, risks, folds, weights = (np.array(column) for column in zip(*cases, strict=True))
    events, free = np.flatnonzero(status == 1), np.flatnonzero(status == 0)
    shares = np.random.default_rng(seed).uniform(0.5, 3, len(events))
    pairs = EventPairs(risks.astype(float), folds, events, free)
    of_events = (weights[events] * shares)[None]
    found = pairs.auroc(weights[None].astype(float), of_events)[0]
    rows = np.concatenate([events, free])
    counted = np.concatenate([of_events[0], weights[free]])
    expected = auroc_within_folds(status[rows], risks[rows], folds[rows], counted)
    assert found == pytest.approx(expected, nan_ok=True)
