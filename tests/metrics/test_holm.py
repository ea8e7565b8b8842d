import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.metrics.holm import holm


def test_by_hand():
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") gives 0.05 0.08 0.09 0.09 0.09.
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([0.6, 0.001, 0.9]) == pytest.approx([1.0, 0.003, 1.0])
    assert holm([None, 0.2, None]) == [None, 0.2, None]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_they_keep_their_order_and_lie_between_the_plain_and_bonferronis(p_values):
    adjusted = holm(p_values)
    order = np.argsort(p_values)
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()
    for p, raised in zip(p_values, adjusted, strict=True):
        assert p <= raised <= min(1, len(p_values) * p) or raised == pytest.approx(max(adjusted))
    rejected = sum(one <= 0.05 for one in adjusted)
    # The step-down rule itself: the smallest one that fails stops it.
    steps = [p * (len(p_values) - k) <= 0.05 for k, p in enumerate(sorted(p_values))]
    assert rejected == (steps.index(False) if False in steps else len(steps))


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="from 0 to 1"):
        holm([0.2, 1.2])
