import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmfeat.fusion.probabilities import log_losses, part_losses, to_answers
from mmfeat.fusion.task import Task, TaskPart

LOGITS = arrays(
    float, st.tuples(st.integers(1, 6), st.integers(2, 4)), elements=st.floats(-900, 900)
)


def _tasks(n_outputs):
    return Task.single("multiclass", n_outputs), Task.single("multilabel", n_outputs)


def test_probabilities_by_hand():
    odds = np.array([[math.log(3), 0.0]])
    classes, labels = _tasks(2)
    assert to_answers(odds, labels) == pytest.approx(np.array([[0.75, 0.5]]))
    assert to_answers(odds, classes) == pytest.approx(np.array([[0.75, 0.25]]))
    assert to_answers(odds[:, :1], Task.single("binary")) == pytest.approx(np.array([[0.75]]))


@given(LOGITS)
def test_classes_sum_to_one_and_labels_are_each_between_0_and_1(logits):
    classes, labels = (to_answers(logits, task) for task in _tasks(logits.shape[1]))
    assert classes.sum(axis=1) == pytest.approx(1)
    for found in (classes, labels):
        assert found.shape == logits.shape
        assert ((found >= 0) & (found <= 1)).all()


@given(LOGITS, st.floats(-50, 50))
def test_classes_do_not_change_when_all_logits_are_raised(logits, raised):
    task, _ = _tasks(logits.shape[1])
    np.testing.assert_allclose(
        to_answers(logits + raised, task),
        to_answers(logits, task),
        atol=1e-12,
    )


@given(LOGITS, st.data())
def test_losses_are_minus_the_logarithm_of_the_probability_and_nan_without_a_label(logits, data):
    labels = data.draw(arrays(float, logits.shape, elements=st.sampled_from([0.0, 1.0, math.nan])))
    _, task = _tasks(logits.shape[1])
    losses = log_losses(logits, labels, task)
    np.testing.assert_array_equal(np.isnan(losses), np.isnan(labels))
    probabilities = to_answers(logits, task)
    of_label = np.where(labels == 1, probabilities, to_answers(-logits, task))
    known = ~np.isnan(labels) & (of_label > 0)
    np.testing.assert_allclose(losses[known], -np.log(of_label[known]), atol=1e-12)
    assert (losses[~np.isnan(labels)] >= 0).all()


def test_the_loss_of_a_class_is_one_column_and_finite_however_sure_the_model_is():
    logits = np.array([[900.0, 0.0, -900.0]] * 4)
    losses = log_losses(logits, np.array([[0.0], [1.0], [2.0], [np.nan]]), _tasks(3)[0])
    np.testing.assert_allclose(losses, [[0], [900], [1800], [np.nan]])


def test_numbers_and_log_hazards_are_answered_as_they_are():
    values = np.array([[-3.0], [7.5]])
    for kind in ("regression", "cox"):
        np.testing.assert_array_equal(to_answers(values, Task.single(kind)), values)


def test_the_loss_of_a_number_is_half_its_squared_error():
    losses = log_losses(
        np.array([[1.0], [2.0]]), np.array([[4.0], [np.nan]]), Task.single("regression")
    )
    np.testing.assert_array_equal(losses, [[4.5], [np.nan]])


def test_the_plain_mean_of_several_parts_is_the_weighted_mean_of_their_means():
    task = Task((TaskPart("multilabel", 2, weight=3.0), TaskPart("regression", 1)))
    random = np.random.default_rng(0)
    logits = random.normal(size=(40, 3))
    labels = np.hstack([random.integers(0, 2, (40, 2)), random.normal(size=(40, 1))])
    labels[random.random(labels.shape) < 0.3] = np.nan
    means = [
        np.nanmean(part_losses(logits[:, outputs], labels[:, columns], part.kind))
        for part, outputs, columns in task.places()
    ]
    expected = np.average(means, weights=[3, 1])
    assert np.nanmean(log_losses(logits, labels, task)) == pytest.approx(expected)


def test_a_case_has_no_loss_of_its_own_under_cox():
    with pytest.raises(ValueError, match="no loss of its own"):
        log_losses(np.zeros((2, 1)), np.ones((2, 2)), Task.single("cox"))
