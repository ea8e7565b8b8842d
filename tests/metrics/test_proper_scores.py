"""Brier scores and log losses against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mmfeat.metrics import brier, log_loss, multiclass_brier, multiclass_log_loss


@pytest.fixture
def generator():
    return np.random.default_rng(3)


def test_binary_scores_agree_with_scikit_learn(generator):
    labels = generator.integers(0, 2, 50).astype(float)
    values = generator.random(50)
    weights = generator.integers(0, 3, 50).astype(float)
    assert brier(labels, values, weights) == pytest.approx(
        sk.brier_score_loss(labels, values, sample_weight=weights)
    )
    assert log_loss(labels, values, weights) == pytest.approx(
        sk.log_loss(labels, values, sample_weight=weights)
    )


def test_a_certain_mistake_costs_a_finite_log_loss():
    assert log_loss([1.0, 0.0], [0.0, 0.5]) == pytest.approx(sk.log_loss([1.0, 0.0], [0.0, 0.5]))


def test_multiclass_scores_agree_with_scikit_learn(generator):
    labels = generator.integers(0, 3, 40)
    values = generator.dirichlet(np.ones(3), 40)
    weights = generator.integers(1, 3, 40).astype(float)
    assert multiclass_brier(labels, values, weights) == pytest.approx(
        sk.brier_score_loss(labels, values, sample_weight=weights, scale_by_half=False)
    )
    assert multiclass_log_loss(labels, values, weights) == pytest.approx(
        sk.log_loss(labels, values, sample_weight=weights)
    )


def test_a_wrong_certain_class_costs_two():
    assert multiclass_brier([1], [[1.0, 0.0, 0.0]]) == 2.0
