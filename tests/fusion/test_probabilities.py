import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmfeat.fusion.probabilities import log_losses, to_probabilities

LOGITS = arrays(
    float, st.tuples(st.integers(1, 6), st.integers(2, 4)), elements=st.floats(-900, 900)
)


def test_probabilities_by_hand():
    odds = np.array([[math.log(3), 0.0]])
    assert to_probabilities(odds, "multilabel") == pytest.approx(np.array([[0.75, 0.5]]))
    assert to_probabilities(odds, "multiclass") == pytest.approx(np.array([[0.75, 0.25]]))
    assert to_probabilities(odds[:, :1], "binary") == pytest.approx(np.array([[0.75]]))


@given(LOGITS)
def test_classes_sum_to_one_and_labels_are_each_between_0_and_1(logits):
    classes, labels = (to_probabilities(logits, kind) for kind in ("multiclass", "multilabel"))
    assert classes.sum(axis=1) == pytest.approx(1)
    for found in (classes, labels):
        assert found.shape == logits.shape
        assert ((found >= 0) & (found <= 1)).all()


@given(LOGITS, st.floats(-50, 50))
def test_classes_do_not_change_when_all_logits_are_raised(logits, raised):
    np.testing.assert_allclose(
        to_probabilities(logits + raised, "multiclass"),
        to_probabilities(logits, "multiclass"),
        atol=1e-12,
    )


@given(LOGITS, st.data())
def test_losses_are_minus_the_logarithm_of_the_probability_and_nan_without_a_label(logits, data):
    labels = data.draw(arrays(float, logits.shape, elements=st.sampled_from([0.0, 1.0, math.nan])))
    losses = log_losses(logits, labels, "multilabel")
    np.testing.assert_array_equal(np.isnan(losses), np.isnan(labels))
    probabilities = to_probabilities(logits, "multilabel")
    of_label = np.where(labels == 1, probabilities, to_probabilities(-logits, "multilabel"))
    known = ~np.isnan(labels) & (of_label > 0)
    np.testing.assert_allclose(losses[known], -np.log(of_label[known]), atol=1e-12)
    assert (losses[~np.isnan(labels)] >= 0).all()


def test_the_loss_of_a_class_is_one_column_and_finite_however_sure_the_model_is():
    logits = np.array([[900.0, 0.0, -900.0]] * 4)
    losses = log_losses(logits, np.array([[0.0], [1.0], [2.0], [np.nan]]), "multiclass")
    np.testing.assert_allclose(losses, [[0], [900], [1800], [np.nan]])
