import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from mmfeat.metrics import bootstrap
from mmfeat.metrics.called_cases import CALLED_METRICS, CalledMetrics
from mmfeat.metrics.metric_set import MetricKey


@settings(deadline=None)  # scikit-learn is slow on its first call
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1]), st.integers(1, 3)),
        min_size=1,
        max_size=20,
    )
)
def test_every_metric_is_that_of_scikit_learn(cases):
    labels, called, weights = map(np.array, zip(*cases, strict=True))
    found = CalledMetrics(labels, called)(weights[None].astype(float))
    options = {"sample_weight": weights, "zero_division": np.nan}
    expected = {
        "sensitivity": sk.recall_score(labels, called, **options),
        "specificity": sk.recall_score(labels, called, pos_label=0, **options),
        "ppv": sk.precision_score(labels, called, **options),
        "npv": sk.precision_score(labels, called, pos_label=0, **options),
        "f1": sk.f1_score(labels, called, **options),
    }
    for name, value in expected.items():
        assert found[MetricKey(name)][0] == pytest.approx(value, abs=1e-12, nan_ok=True), name


def test_unknown_labels_and_cases_without_a_call_are_not_counted():
    metrics = CalledMetrics([1, 0, np.nan, 1], [1, 0, 1, np.nan])
    assert metrics.confusion == {"tp": 1, "fp": 0, "fn": 0, "tn": 1}
    assert metrics.counts(MetricKey("f1")) == (2, 1)


def test_what_is_undefined_has_a_reason():
    metrics = CalledMetrics([0, 0, 0], [0, 0, 0])
    found = bootstrap({"m": metrics}, ["a", "b", "c"], n_resamples=100, confidence=0.95, seed=0)
    reasons = {name: found.estimate("m", MetricKey(name)).reason for name in CALLED_METRICS}
    assert reasons == {
        "sensitivity": "no case is positive",
        "specificity": None,
        "ppv": "no case is called positive",
        "npv": None,
        "f1": "no case is positive or called so",
        "balanced_accuracy": "all cases are of one class",
    }
    empty = CalledMetrics([], [])
    assert empty.reason_undefined(MetricKey("npv")) == "no case with a label"


def test_other_lengths_are_refused():
    with pytest.raises(ValueError, match=r"got \(2,\) and \(1,\)"):
        CalledMetrics([0, 1], [1])
