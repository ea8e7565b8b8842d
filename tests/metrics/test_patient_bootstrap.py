"""Intervals and paired differences against an explicit loop that copies rows."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mmfeat.metrics import (
    BinaryMetrics,
    PatientResamples,
    bootstrap,
    expected_calibration_error,
    patient_resamples,
)
from mmfeat.metrics.metric_set import MetricKey

AUROC = MetricKey("auroc")


@pytest.fixture(scope="module")
def cases():
    generator = np.random.default_rng(4)
    patients = np.array([f"p{number}" for number in generator.integers(60, size=100)])
    labels = generator.integers(0, 2, 100).astype(float)
    good = np.clip(0.3 + 0.4 * labels + generator.normal(0, 0.25, 100), 0.01, 0.99)
    poor = np.clip(0.4 + 0.2 * labels + generator.normal(0, 0.3, 100), 0.01, 0.99)
    return patients, labels, good, poor


def _run(sets, patients, **changes):
    options = {"n_resamples": 300, "confidence": 0.9, "seed": 5} | changes
    return bootstrap(sets, patients, **options)


def _loop(patients, function, n_resamples=300, seed=5):
    """Draw patients and copy rows, one resample at a time."""
    (weights,) = PatientResamples(patients, n_resamples=n_resamples, seed=seed).chunks()
    names, first = np.unique(patients, return_index=True)
    values = []
    for row in weights:
        drawn = np.repeat(names, row[first].astype(int))
        values.append(
            function(np.concatenate([np.flatnonzero(patients == name) for name in drawn]))
        )
    return np.array(values)


def test_intervals_are_those_of_an_explicit_loop(cases):
    patients, labels, good, _ = cases
    found = _run({"good": BinaryMetrics(labels, good)}, patients)
    expected = {
        "auroc": lambda rows: sk.roc_auc_score(labels[rows], good[rows]),
        "auprc": lambda rows: sk.average_precision_score(labels[rows], good[rows]),
        "brier": lambda rows: sk.brier_score_loss(labels[rows], good[rows]),
        "log_loss": lambda rows: sk.log_loss(labels[rows], good[rows]),
        "ece": lambda rows: expected_calibration_error(labels[rows], good[rows]),
        "balanced_accuracy": lambda rows: sk.balanced_accuracy_score(
            labels[rows], good[rows] >= 0.5
        ),
    }
    for name, function in expected.items():
        estimate = found.estimate("good", MetricKey(name))
        assert estimate.point == pytest.approx(function(np.arange(100)))
        looped = _loop(patients, function)
        low, high = np.percentile(looped, [5, 95])
        if name == "ece":
            shift = estimate.point - np.median(looped)
            low, high = max(0, low + shift), high + shift
            assert estimate.method.endswith("centred")
        assert (estimate.low, estimate.high) == pytest.approx((low, high))
        assert (estimate.n, estimate.n_positive) == (100, int(labels.sum()))
        assert estimate.n_patients == len(set(patients))
        assert estimate.undefined_resamples == 0
        assert estimate.reason is None


def test_the_interval_of_the_calibration_error_holds_its_value():
    # Well calibrated: nearly every resample looks worse than the sample; percentiles miss it.
    values = np.linspace(0.025, 0.975, 20).repeat(20)
    labels = np.concatenate([np.arange(20) < round(20 * value) for value in values[::20]])
    key = MetricKey("ece")
    estimate = _run({"a": BinaryMetrics(labels, values)}, np.arange(400)).estimate("a", key)
    assert estimate.low <= estimate.point <= estimate.high
    looped = _loop(
        np.arange(400), lambda rows: expected_calibration_error(labels[rows], values[rows])
    )
    assert np.percentile(looped, 5) > estimate.point


def test_differences_are_paired(cases):
    patients, labels, good, poor = cases
    sets = {"good": BinaryMetrics(labels, good), "poor": BinaryMetrics(labels, poor)}
    found = _run(sets, patients).difference("good", "poor", AUROC)

    def gain(rows):
        return sk.roc_auc_score(labels[rows], good[rows]) - sk.roc_auc_score(
            labels[rows], poor[rows]
        )

    looped = _loop(patients, gain)
    assert found.point == pytest.approx(gain(np.arange(100)))
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(looped, [5, 95])))
    fewer = min((looped <= 0).sum(), (looped >= 0).sum())
    assert found.p == pytest.approx(2 * (fewer + 1) / 301)


def test_the_opposite_difference_is_the_negative_with_the_same_p(cases):
    patients, labels, good, poor = cases
    found = _run({"a": BinaryMetrics(labels, good), "b": BinaryMetrics(labels, poor)}, patients)
    there, back = found.difference("a", "b", AUROC), found.difference("b", "a", AUROC)
    assert (back.point, back.low, back.high) == pytest.approx(
        (-there.point, -there.high, -there.low)
    )
    assert back.p == there.p


def test_equal_predictions_differ_by_nothing(cases):
    patients, labels, good, _ = cases
    found = _run({"a": BinaryMetrics(labels, good), "b": BinaryMetrics(labels, good)}, patients)
    difference = found.difference("a", "b", AUROC)
    assert (difference.point, difference.low, difference.high, difference.p) == (0, 0, 0, 1)


def test_the_same_seed_gives_the_same_numbers_and_chunks_do_not_matter(cases, monkeypatch):
    patients, labels, good, _ = cases
    first = _run({"a": BinaryMetrics(labels, good)}, patients)
    monkeypatch.setattr(patient_resamples, "_USUAL_CELLS", 700)
    monkeypatch.setattr(patient_resamples, "_WANTED_ROWS", 1)
    again = _run({"a": BinaryMetrics(labels, good)}, patients)
    for key in first.keys("a"):
        one, other = first.estimate("a", key), again.estimate("a", key)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-9)


def test_resamples_without_a_positive_case_are_dropped_and_counted():
    labels = np.zeros(30)
    labels[:2] = 1
    patients = np.arange(30)
    estimate = _run({"a": BinaryMetrics(labels, np.linspace(0.9, 0.1, 30))}, patients).estimate(
        "a", AUROC
    )
    (weights,) = PatientResamples(patients, n_resamples=300, seed=5).chunks()
    without = int((weights[:, :2].sum(axis=1) == 0).sum())
    assert 0 < without < 150
    assert estimate.undefined_resamples == without
    assert estimate.point == estimate.low == 1.0


def test_one_class_is_none_with_a_reason():
    found = _run({"a": BinaryMetrics([0, 0, 0], [0.1, 0.2, 0.3])}, ["x", "y", "z"])
    estimate = found.estimate("a", AUROC)
    assert estimate.point is None
    assert estimate.low is None
    assert estimate.reason == "all 3 cases are negative"
    assert found.estimate("a", MetricKey("brier")).point is not None
    assert found.difference("a", "a", AUROC).point is None
    assert found.difference("a", "a", AUROC).reason == "all 3 cases are negative"


def test_no_cases_are_none_with_a_reason():
    estimate = _run({"a": BinaryMetrics([], [])}, []).estimate("a", MetricKey("brier"))
    assert (estimate.point, estimate.reason) == (None, "no case with a label")


def test_one_patient_has_a_value_but_no_interval():
    estimate = _run({"a": BinaryMetrics([0, 1], [0.1, 0.2])}, ["x", "x"]).estimate("a", AUROC)
    assert (estimate.point, estimate.low) == (1.0, None)
    assert "one patient" in estimate.reason


def test_too_few_defined_resamples_give_no_interval():
    # Each of two patients has one class: about half of the draws have both classes.
    labels, values = [0, 1], [0.1, 0.2]
    estimate = _run({"a": BinaryMetrics(labels, values)}, ["x", "y"], seed=1).estimate("a", AUROC)
    drawn = np.concatenate(list(PatientResamples(["x", "y"], n_resamples=300, seed=1).chunks()))
    undefined = int((drawn.min(axis=1) == 0).sum())
    assert estimate.undefined_resamples == undefined
    assert (estimate.low is None) == (undefined > 150)


def test_separated_classes_name_the_missing_recalibration():
    found = _run({"a": BinaryMetrics([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.8])}, list("abcd"))
    estimate = found.estimate("a", MetricKey("calibration_slope"))
    assert estimate.point is None
    assert "separate the classes" in estimate.reason


def test_sets_of_other_sizes_are_refused(cases):
    with pytest.raises(ValueError, match="`a` has 2 cases, but 3 patients"):
        _run({"a": BinaryMetrics([0, 1], [0.1, 0.2])}, ["x", "y", "z"])


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    # AUROC of two normal scores one deviation apart: Phi(1 / sqrt 2) = 0.760.
    generator = np.random.default_rng(9)
    covered = 0
    for _ in range(100):
        labels = np.repeat([0.0, 1.0], 60)
        scores = generator.normal(labels, 1)
        values = 1 / (1 + np.exp(-scores))
        estimate = _run(
            {"a": BinaryMetrics(labels, values)}, np.arange(120), n_resamples=200
        ).estimate("a", AUROC)
        covered += estimate.low <= 0.76025 <= estimate.high
    assert 80 <= covered <= 98


def test_a_weighted_sum_of_sets_is_taken_on_the_same_resamples():
    random = np.random.default_rng(0)
    labels, patients = random.integers(0, 2, 60), np.arange(60) // 2
    scores = {name: random.random(60) for name in "abc"}
    sets = {name: BinaryMetrics(labels, values) for name, values in scores.items()}
    found = bootstrap(sets, patients, n_resamples=200, confidence=0.95, seed=0)
    key = MetricKey("brier")
    points = {name: found.estimate(name, key).point for name in sets}
    area = found.combination([("a", 0.25), ("b", 0.5), ("c", 0.25)], key)
    assert area.point == pytest.approx(0.25 * points["a"] + 0.5 * points["b"] + 0.25 * points["c"])
    # A sum of labels and scores case by case has the same mean, and so the same interval.
    losses = {name: (values - labels) ** 2 for name, values in scores.items()}
    mean = 0.25 * losses["a"] + 0.5 * losses["b"] + 0.25 * losses["c"]
    same = BinaryMetrics(np.zeros(60), np.sqrt(mean))
    alone = bootstrap({"mean": same}, patients, n_resamples=200, confidence=0.95, seed=0)
    expected = alone.estimate("mean", key)
    assert (area.low, area.high) == pytest.approx((expected.low, expected.high))
    assert found.combination([("a", 1.0), ("a", -1.0)], key).point == 0.0
