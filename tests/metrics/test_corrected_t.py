import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from mmfeat.metrics.corrected_t import corrected_resampled_t


def test_by_hand():
    # Mean 0.02, variance 1e-4: se^2 = (1/3 + 1/2) * 1e-4, t = 0.02 / 0.0091287.
    found = corrected_resampled_t([0.01, 0.03, 0.02], 0.5)
    assert (found.mean, found.t, found.df) == pytest.approx((0.02, 2.19089, 2))
    # Two degrees of freedom: p = 1 - t / sqrt(t^2 + 2).
    assert found.p == pytest.approx(1 - found.t / np.sqrt(found.t**2 + 2))
    assert (found.low + found.high) / 2 == pytest.approx(0.02)
    assert found.low < 0 < found.high


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12, unique=True))
def test_without_overlap_it_would_be_the_usual_t_test(values):
    values = np.round(values, 3) + np.arange(len(values)) / 100
    usual = ttest_1samp(values, 0)
    ours = corrected_resampled_t(values, 1e-12)
    assert (ours.t, ours.p) == pytest.approx((usual.statistic, usual.pvalue), rel=1e-6)
    assert abs(corrected_resampled_t(values, 0.25).t) <= abs(ours.t)


def test_equal_differences_have_no_spread():
    assert corrected_resampled_t([0.0, 0.0], 1).p == 1
    assert corrected_resampled_t([0.1, 0.1], 1).p == 0


@pytest.mark.parametrize(
    ("values", "ratio", "message"),
    [([0.1], 1, "two finite"), ([0.1, np.nan], 1, "two finite"), ([0.1, 0.2], 0, "above 0, got 0")],
)
def test_what_cannot_be_tested_is_refused(values, ratio, message):
    with pytest.raises(ValueError, match=message):
        corrected_resampled_t(values, ratio)
