import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from mmfeat.fusion.linear_models.stacking import Stack, fit_stack, mean_stack
from mmfeat.fusion.probabilities import log_losses
from mmfeat.fusion.task import Task, TaskPart

BINARY = Task.single("binary")


def _logits(n_cases=4000, n_members=2, n_outputs=1, seed=0):
    return np.random.default_rng(seed).normal(size=(n_cases, n_members, n_outputs))


def _tossed(logits, seed=1):
    return (np.random.default_rng(seed).random(logits.shape) < expit(logits)).astype(float)


def test_the_logit_is_the_formula_worked_out_by_hand():
    stack = Stack(
        weights=np.array([[2.0], [0.5]]),
        biases=np.array([0.1]),
        centres=np.array([[1.0], [0.0]]),
        scales=np.array([[2.0], [4.0]]),
        product_weights=np.array([[3.0]]),
    )
    # 2 * 3 + 0.5 * 8 + 3 * ((3 - 1) / 2) * (8 / 4) + 0.1
    assert stack.logits(np.array([[[3.0], [8.0]]])).item() == pytest.approx(16.1)


def test_plain_sums_are_found_when_modalities_add_up():
    of_members = _logits()
    labels = _tossed(of_members.sum(axis=1) - 0.5)
    stack = fit_stack(of_members, labels, BINARY)
    assert stack.weights[:, 0] == pytest.approx([1.0, 1.0], abs=0.12)
    assert stack.biases[0] == pytest.approx(-0.5, abs=0.1)
    assert stack.product_weights.item() == pytest.approx(0.0, abs=0.1)


def test_with_many_cases_it_is_the_logistic_regression_of_scikit_learn():
    of_members = _logits(n_cases=20_000)
    labels = _tossed(0.7 * of_members[:, 0] + 0.3 * of_members[:, 1])
    stack = fit_stack(of_members, labels, BINARY)
    z = (of_members[..., 0] - stack.centres[:, 0]) / stack.scales[:, 0]
    inputs = np.column_stack([of_members[..., 0], z[:, 0] * z[:, 1]])
    reference = LogisticRegression(C=np.inf).fit(inputs, labels[:, 0])
    found = [*stack.weights[:, 0], *stack.product_weights[:, 0]]
    np.testing.assert_allclose(found, reference.coef_[0], atol=0.01)


def test_interactions_are_found():
    of_members = _logits()
    labels = _tossed(1.2 * of_members[:, 0] * of_members[:, 1])
    stack = fit_stack(of_members, labels, BINARY)
    assert stack.product_weights.item() == pytest.approx(1.2, abs=0.2)


def test_a_modality_that_misleads_gets_no_weight():
    of_members = _logits()
    labels = _tossed(of_members[:, 0] - 2 * of_members[:, 1])
    assert fit_stack(of_members, labels, BINARY).weights[1, 0] == 0.0


def test_a_modality_alone_keeps_its_order_even_when_it_misleads():
    of_members = _logits(n_members=1)
    labels = _tossed(-2 * of_members[:, 0])
    assert fit_stack(of_members, labels, BINARY).weights.item() == pytest.approx(0.05)


def test_two_classes_answer_as_binary_labels_do():
    of_members = _logits(n_cases=20_000)  # so many that the priors do not matter
    labels = _tossed(of_members.sum(axis=1))
    binary = fit_stack(of_members, labels, BINARY).logits(of_members)
    halves = np.concatenate([-of_members / 2, of_members / 2], axis=2)
    classes = fit_stack(halves, labels, Task.single("multiclass", 2)).logits(halves)
    np.testing.assert_allclose(classes[:, 1] - classes[:, 0], binary[:, 0], atol=0.05)


def test_each_label_is_stacked_alone_and_missing_labels_are_left_out():
    of_members = _logits(n_cases=300, n_outputs=2)
    labels = _tossed(of_members.sum(axis=1))
    labels[:100, 1] = np.nan
    both = fit_stack(of_members, labels, Task.single("multilabel", 2))
    # Centres and scales are of all cases; the weights are of the known labels.
    alone = fit_stack(of_members[:, :, 1:], labels[:, 1:], BINARY)
    np.testing.assert_allclose(both.weights[:, 1:], alone.weights, atol=1e-5)


def test_the_plain_mean_is_the_mean():
    of_members = _logits(n_cases=5, n_members=3, n_outputs=2)
    np.testing.assert_allclose(mean_stack(3, 2).logits(of_members), of_members.mean(axis=1))


@given(
    kind=st.sampled_from(["binary", "multiclass", "multilabel"]),
    n_members=st.integers(1, 3),
    n_cases=st.integers(3, 30),
    seed=st.integers(0, 999),
)
def test_weights_are_never_negative_and_logits_stay_finite(kind, n_members, n_cases, seed):
    n_outputs = 1 if kind == "binary" else 3
    of_members = _logits(n_cases, n_members, n_outputs, seed)
    random = np.random.default_rng(seed)
    columns = 1 if kind == "multiclass" else n_outputs
    top = 3 if kind == "multiclass" else 2
    labels = random.integers(0, top, size=(n_cases, columns)).astype(float)
    task = Task.single(kind, n_outputs)
    stack = fit_stack(of_members, labels, task)
    assert (stack.weights >= 0).all()
    losses = log_losses(stack.logits(of_members), labels, task)
    assert np.isfinite(losses).all()


def test_intervals_share_weights_and_count_the_base_rate_once():
    random = np.random.default_rng(0)
    truth = np.array([-3.0, -2.5, -2.0])
    evidence = random.normal(size=(2000, 2, 1))
    of_members = np.broadcast_to(evidence, (2000, 2, 3)) + truth
    chances = 1 / (1 + np.exp(-(evidence.sum(1) + truth)))
    labels = (random.random((2000, 3)) < chances).astype(float)
    labels[:, 1:][np.cumsum(labels, axis=1)[:, :-1] > 0] = np.nan
    hazards = Task((TaskPart("multilabel", 3, hazards=True, divides_at=3.0),))
    stack = fit_stack(of_members, labels, hazards)
    assert (stack.weights == stack.weights[:, :1]).all()
    np.testing.assert_allclose(stack.weights, 1.0, atol=0.2)
    np.testing.assert_allclose(stack.biases, -truth, atol=0.3)


def test_numbers_are_combined_by_least_squares_with_many_cases():
    random = np.random.default_rng(0)
    of_members = random.normal(size=(4000, 2, 1))
    labels = of_members.sum(1) * 0.5 + random.normal(size=(4000, 1)) * 0.1 + 2.0
    stack = fit_stack(of_members, labels, Task.single("regression"))
    np.testing.assert_allclose(stack.weights[:, 0], 0.5, atol=0.01)
    np.testing.assert_allclose(stack.biases, 2.0, atol=0.01)
