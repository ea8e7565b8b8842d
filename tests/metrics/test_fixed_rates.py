"""Sensitivity at a specificity and the reverse, against the ROC curve of scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from mmfeat.metrics.fixed_rates import sensitivity_at_specificity_of, specificity_at_sensitivity_of
from mmfeat.metrics.ranked_cases import RankedCases

_RATES = np.array([0.5, 0.9, 0.95])
_CASES = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), st.integers(0, 8), st.integers(0, 3)),
    min_size=2,
    max_size=30,
)


@pytest.mark.parametrize("share", [1.0, 0.25], ids=["whole", "shares"])
@settings(deadline=None)  # scikit-learn is slow on its first call
@given(cases=_CASES)
def test_it_is_the_best_point_of_the_curve_of_scikit_learn(share, cases):
    labels, scores, weights = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    cumulated = RankedCases(labels, scores).cumulate(share * weights[None])
    sensitivity = sensitivity_at_specificity_of(cumulated, _RATES)[0]
    specificity = specificity_at_sensitivity_of(cumulated, _RATES)[0]
    if not 0 < weights @ labels < weights.sum():
        assert np.isnan([sensitivity, specificity]).all()
        return
    fpr, tpr, _ = roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
    for rate, sens, spec in zip(_RATES, sensitivity, specificity, strict=True):
        assert sens == pytest.approx(tpr[1 - fpr >= rate - 1e-9].max(), abs=1e-9)
        assert spec == pytest.approx((1 - fpr[tpr >= rate - 1e-9]).max(), abs=1e-9)


def test_a_hand_worked_case():
    # Ten negative cases at 0 to 9, and positive ones at 8.5, 9.5 and 2.5. One of ten negatives may
    # be called positive, so the threshold is 8.5, which finds two of three.
    scores = [*range(10), 8.5, 9.5, 2.5]
    cumulated = RankedCases([0] * 10 + [1] * 3, scores).cumulate(np.ones((1, 13)))
    found = sensitivity_at_specificity_of(cumulated, np.array([0.9, 0.95]))[0]
    assert found == pytest.approx([2 / 3, 1 / 3], abs=1e-12)
    assert specificity_at_sensitivity_of(cumulated, np.array([0.9]))[0] == pytest.approx([0.3])
