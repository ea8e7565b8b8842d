"""Robustness of curves: values by hand, and the sums of MultiBench's published code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.metrics.robustness import (
    area_factors,
    effective_factors,
    effective_robustness,
    relative_robustness,
)

CURVE, LATE = [0.9, 0.8, 0.7, 0.6], [0.8, 0.75, 0.6, 0.5]


def test_relative_is_the_area_by_hand():
    # (0.85 * 0.2 + 0.75 * 0.3 + 0.65 * 0.5) / 1.0
    assert relative_robustness([0.0, 0.2, 0.5, 1.0], CURVE) == pytest.approx(0.72, abs=1e-12)


def test_relative_is_multibench_s_area_over_the_width_on_its_grid():
    grid = [0.0, 0.1, 0.2, 0.3]
    area = sum((CURVE[k] + CURVE[k + 1]) * 0.1 / 2 for k in range(3))
    assert relative_robustness(grid, CURVE) == pytest.approx(area / 0.3, abs=1e-12)


def test_effective_lifts_late_fusion_to_the_same_start_as_multibench_does():
    grid = [0.0, 0.1, 0.2, 0.3]
    lifted = np.array(LATE) + (CURVE[0] - LATE[0])
    above = np.array(CURVE) - lifted
    assert above == pytest.approx([0.0, -0.05, 0.0, 0.0])
    by_trapezoids = np.trapezoid(above, grid) / 0.3
    assert effective_robustness(grid, CURVE, LATE) == pytest.approx(by_trapezoids, abs=1e-12)


@given(
    st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6, unique=True),
    st.floats(-1.0, 1.0),
)
def test_a_level_curve_has_its_height_and_no_effect(steps, height):
    shares = np.cumsum([0.0, *steps])
    assert sum(area_factors(shares)) == pytest.approx(1.0)
    assert sum(effective_factors(shares)) == pytest.approx(0.0, abs=1e-12)
    assert relative_robustness(shares, [height] * len(shares)) == pytest.approx(height)


@pytest.mark.parametrize("shares", [[0.0], [0.0, 0.0], [0.5, 0.2]])
def test_shares_that_do_not_rise_are_refused(shares):
    with pytest.raises(ValueError, match="two or more and rise"):
        area_factors(shares)
