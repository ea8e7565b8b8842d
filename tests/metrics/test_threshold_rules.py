import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score, roc_curve

from mmfeat.metrics.threshold_rules import ThresholdRule

_CASES = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(0, 10).map(lambda k: k / 10)),
    min_size=2,
    max_size=25,
).filter(lambda cases: len({label for label, _ in cases}) == 2)


@settings(deadline=None)  # scikit-learn is slow on its first call
@given(_CASES)
def test_no_threshold_has_a_larger_f1_than_the_chosen_one(cases):
    labels, scores = map(np.array, zip(*cases, strict=True))
    chosen = ThresholdRule.of("max_f1").choose(labels, scores)
    best = max(f1_score(labels, scores >= one, zero_division=0.0) for one in np.unique(scores))
    assert f1_score(labels, scores >= chosen, zero_division=0.0) == pytest.approx(best)


@settings(deadline=None)  # scikit-learn is slow on its first call
@given(_CASES)
def test_youden_is_the_point_of_the_roc_curve_furthest_above_the_diagonal(cases):
    labels, scores = map(np.array, zip(*cases, strict=True))
    chosen = ThresholdRule.of("youden").choose(labels, scores)
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    sensitivity = recall_score(labels, scores >= chosen)
    specificity = recall_score(labels, scores >= chosen, pos_label=0)
    assert sensitivity + specificity - 1 == pytest.approx((tpr - fpr).max(), abs=1e-9)


@settings(deadline=None)  # scikit-learn is slow on its first call
@given(_CASES, st.sampled_from(["0.5", "0.9", ".95"]))
def test_a_least_rate_is_kept_and_the_other_one_is_as_large_as_it_can_be(cases, least):
    labels, scores = map(np.array, zip(*cases, strict=True))
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    at = ThresholdRule.of(f"sensitivity>={least}").choose(labels, scores)
    rates = [recall_score(labels, scores >= at, pos_label=label) for label in (1, 0)]
    assert rates[0] >= float(least) - 1e-9
    assert rates[1] == pytest.approx((1 - fpr[tpr >= float(least) - 1e-9]).max())
    at = ThresholdRule.of(f"specificity>={least}").choose(labels, scores)
    rates = [recall_score(labels, scores >= at, pos_label=label) for label in (1, 0)]
    assert rates[1] >= float(least) - 1e-9
    assert rates[0] == pytest.approx(tpr[1 - fpr >= float(least) - 1e-9].max())


def test_a_hand_worked_case():
    labels, scores = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    # From 0.5 on: 2 of 3 found, none falsely: F1 = 0.8; from 0.3 on: 3 of 3, one falsely: 6 / 7.
    chosen = {
        name: ThresholdRule.of(name).choose(labels, scores)
        for name in ("max_f1", "youden", "sensitivity>=0.9", "specificity>=0.9")
    }
    assert chosen == {
        "max_f1": 0.3,
        "youden": 0.5,  # as good as 0.3, and higher
        "sensitivity>=0.9": 0.3,
        "specificity>=0.9": 0.5,
    }


def test_where_the_highest_score_is_a_negative_one_nothing_is_called_positive():
    threshold = ThresholdRule.of("specificity>=0.9").choose([1, 0], [0.3, 0.7])
    assert 0.7 < threshold < 0.7001


def test_one_class_gives_no_threshold():
    assert ThresholdRule.of("youden").choose([1, 1], [0.2, 0.3]) is None
    assert ThresholdRule.of("youden").choose([], []) is None


def test_names_are_checked_and_put_in_words():
    assert ThresholdRule.of("specificity>=0.95").words == "specificity of at least 95 %"
    assert ThresholdRule.of("max_f1").words == "largest F1"
    with pytest.raises(ValueError, match=r"expected max_f1, youden, .* got `sensitivity>=90`"):
        ThresholdRule.of("sensitivity>=90")
