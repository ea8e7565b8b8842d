"""Calibration in the large, by hand."""

import numpy as np
import pytest

from mmfeat.metrics.mean_errors import OBSERVED_MINUS_PREDICTED, MeanErrors
from mmfeat.metrics.metric_set import MetricKey


def test_it_is_what_happened_minus_what_was_predicted():
    errors = MeanErrors([[1], [0], [1]], [[0.5], [0.5], [0.2]], outputs=["1"])
    key = MetricKey(OBSERVED_MINUS_PREDICTED)
    weights = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    whole, first, nothing = errors(weights)[key]
    assert whole == pytest.approx(2 / 3 - 0.4)
    assert first == 0.5
    assert np.isnan(nothing)
    assert errors.counts(key) == (3, None)
    assert errors.left_out(key) is None


def test_each_output_counts_the_cases_in_which_it_is_known():
    errors = MeanErrors([[1, np.nan], [0, 1]], [[0.9, 0.1], [0.1, 0.4]], outputs=["a", "b"])
    found = errors(np.ones((1, 2)))
    second = MetricKey(OBSERVED_MINUS_PREDICTED, "b")
    assert found[MetricKey(OBSERVED_MINUS_PREDICTED, "a")][0] == pytest.approx(0.0)
    assert found[second][0] == pytest.approx(0.6)
    assert errors.counts(second) == (1, None)


def test_no_label_is_undefined_with_a_reason():
    errors = MeanErrors([[np.nan]], [[0.5]], outputs=["1"])
    key = MetricKey(OBSERVED_MINUS_PREDICTED)
    assert np.isnan(errors(np.ones((1, 1)))[key][0])
    assert errors.reason_undefined(key) == "no case with a label"


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"expected two arrays \(cases, 2\)"):
        MeanErrors([[1]], [[0.5]], outputs=["a", "b"])
