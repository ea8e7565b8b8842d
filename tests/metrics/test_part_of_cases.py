"""Metrics of a group on resamples of all patients."""

import numpy as np
import pytest

from mmfeat.metrics import BinaryMetrics, MulticlassMetrics, bootstrap
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.part_of_cases import PartOfCases


def test_a_group_has_the_values_of_its_cases_alone():
    random = np.random.default_rng(0)
    labels, scores = random.integers(0, 2, 30), random.random(30)
    rows = np.arange(5, 20)
    own = BinaryMetrics(labels[rows], scores[rows])
    part = PartOfCases(own, rows, n_cases=30)
    weights = random.integers(0, 3, (4, 30)).astype(float)
    for key, values in part(weights).items():
        np.testing.assert_array_equal(values, own(weights[:, rows])[key])
        assert part.counts(key) == own.counts(key)
        assert part.left_out(key) is None


def test_groups_of_the_same_patients_move_together():
    labels, scores = np.array([0, 1, 1, 0] * 10), np.random.default_rng(1).random(40)
    patients = np.tile(np.arange(20), 2)  # each has a case in both halves
    halves = {
        name: PartOfCases(BinaryMetrics(labels[rows], scores[rows]), rows, n_cases=40)
        for name, rows in {"a": np.arange(20), "b": np.arange(20, 40)}.items()
    }
    found = bootstrap(halves, patients, n_resamples=200, confidence=0.95, seed=0)
    gap = found.difference("a", "b", MetricKey("brier"))
    brier = [((scores - labels) ** 2)[rows].mean() for rows in (slice(20), slice(20, 40))]
    assert gap.point == pytest.approx(brier[0] - brier[1])


def test_what_is_undefined_says_so_in_the_group_s_words():
    classes = MulticlassMetrics([0, 0], [[0.9, 0.1], [0.8, 0.2]], classes=["a", "b"])
    part = PartOfCases(classes, np.array([0, 2]), n_cases=4)
    assert part.reason_undefined(MetricKey("auroc")) == "all 2 cases are of one class"


def test_rows_of_another_number_are_refused():
    with pytest.raises(ValueError, match="metrics of 2 cases, but 3 rows"):
        PartOfCases(BinaryMetrics([0, 1], [0.1, 0.2]), np.arange(3), n_cases=4)
