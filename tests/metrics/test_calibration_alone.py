import numpy as np
import pytest

from mmfeat.metrics import BinaryMetrics, MulticlassMetrics, MultilabelMetrics
from mmfeat.metrics.calibration_alone import (
    CALIBRATION_METRICS,
    OF_CLASSES,
    CalibrationAlone,
    ClassCalibrationAlone,
)
from mmfeat.metrics.metric_set import MetricKey


@pytest.fixture(scope="module")
def made():
    generator = np.random.default_rng(0)
    values = generator.random((70, 3))
    labels = (generator.random((70, 3)) < values).astype(float)
    labels[generator.random((70, 3)) < 0.2] = np.nan
    return values, labels, generator.integers(0, 3, size=(10, 70)).astype(float)


def test_of_one_output_it_is_that_of_all_binary_metrics(made):
    values, labels, weights = made
    known = ~np.isnan(labels[:, 0])
    alone = CalibrationAlone(labels[known, :1], values[known, :1], outputs=["1"])
    whole = BinaryMetrics(labels[known, 0], values[known, 0])
    found, expected = alone(weights[:, known]), whole(weights[:, known])
    assert list(found) == [MetricKey(name) for name in CALIBRATION_METRICS]
    for key, value in found.items():
        np.testing.assert_allclose(value, expected[key], atol=1e-9)
        assert alone.counts(key) == whole.counts(key)


def test_of_several_outputs_it_is_that_of_all_multilabel_metrics(made):
    values, labels, weights = made
    names = ["a", "b", "c"]
    alone = CalibrationAlone(labels, values, outputs=names)
    whole = MultilabelMetrics(labels, values, names=names)
    found, expected = alone(weights), whole(weights)
    assert len(found) == 4 * len(CALIBRATION_METRICS)
    for key, value in found.items():
        np.testing.assert_allclose(value, expected[key], atol=1e-9)
        assert alone.counts(key) == whole.counts(key)


def test_of_classes_it_is_that_of_all_multiclass_metrics(made):
    _, _, weights = made
    generator = np.random.default_rng(1)
    values, labels = generator.dirichlet(np.ones(3), size=70), generator.integers(3, size=70)
    found = ClassCalibrationAlone(labels, values)(weights)
    expected = MulticlassMetrics(labels, values, classes=["a", "b", "c"])(weights)
    assert list(found) == [MetricKey(name) for name in OF_CLASSES]
    for key, value in found.items():
        np.testing.assert_allclose(value, expected[key], atol=1e-12)


def test_what_is_undefined_is_left_out_of_the_mean_and_named(made):
    values, labels, _ = made
    one_class = labels.copy()
    one_class[:, 1] = 1.0
    alone = CalibrationAlone(one_class, values, outputs=["a", "b", "c"])
    slope = MetricKey("calibration_slope")
    assert alone.left_out(slope) == "without `b`: undefined there"
    assert (
        alone.reason_undefined(MetricKey("calibration_slope", "b")) == "all 70 cases are positive"
    )
    assert np.isfinite(alone(np.ones((1, 70)))[slope][0])
    constant = CalibrationAlone([[0.0], [1.0]], [[0.5], [0.5]], outputs=["1"])
    assert "constant or separate" in constant.reason_undefined(slope)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(cases, 2\), got \(1, 1\) and \(1, 1\)"):
        CalibrationAlone([[1.0]], [[0.5]], outputs=["a", "b"])
