import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from torch.nn import functional

from mmfeat.losses.task import label_losses, task_loss

NAN = math.nan


def _tensor(values):
    return torch.tensor(values, dtype=torch.float64)


def test_binary_is_the_value_worked_out_by_hand():
    logits, labels = _tensor([[math.log(3.0)], [0.0]]), _tensor([[1.0], [0.0]])
    # p = 3/4 for a positive, 1/2 for a negative: -(log 3/4 + log 1/2) / 2
    assert task_loss(logits, labels, "binary").item() == pytest.approx(-math.log(3 / 8) / 2)


def test_multiclass_agrees_with_scikit_learn():
    logits = torch.randn(20, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    classes = np.arange(20) % 3
    reference = log_loss(classes, functional.softmax(logits, 1).numpy(), labels=[0, 1, 2])
    assert task_loss(logits, _tensor(classes)[:, None], "multiclass").item() == pytest.approx(
        reference
    )


def test_multilabel_is_the_mean_over_known_labels():
    logits = _tensor([[0.0, 2.0], [5.0, -1.0]])
    labels = _tensor([[1.0, NAN], [NAN, 0.0]])
    reference = functional.binary_cross_entropy_with_logits(
        _tensor([0.0, -1.0]), _tensor([1.0, 0.0])
    )
    torch.testing.assert_close(task_loss(logits, labels, "multilabel"), reference)


@pytest.mark.parametrize(("kind", "width"), [("binary", 1), ("multiclass", 3), ("multilabel", 2)])
def test_no_known_label_is_zero_and_can_go_backward(kind, width):
    logits = torch.ones(2, width, requires_grad=True)
    labels = torch.full((2, 1 if kind == "multiclass" else width), NAN)
    loss = task_loss(logits, labels, kind)
    loss.backward()
    assert loss.item() == 0.0
    assert not logits.grad.any()


@pytest.mark.parametrize(("kind", "width"), [("binary", 1), ("multiclass", 3), ("multilabel", 2)])
def test_gradients_are_those_of_finite_differences(kind, width):
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(4, width, generator=generator, dtype=torch.float64, requires_grad=True)
    labels = torch.ones(4, 1 if kind == "multiclass" else width, dtype=torch.float64)
    labels[1] = NAN
    assert torch.autograd.gradcheck(lambda values: task_loss(values, labels, kind), [logits])


def test_a_missing_label_sends_no_gradient_back():
    logits = torch.zeros(2, 1, requires_grad=True)
    task_loss(logits, torch.tensor([[1.0], [NAN]]), "binary").backward()
    assert logits.grad.tolist() == [[-0.5], [0.0]]


def test_labels_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="multiclass labels do not fit"):
        label_losses(torch.zeros(2, 3), torch.zeros(2, 3), "multiclass")


@given(
    labels=st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=1, max_size=10),
    logit=st.floats(-30, 30),
)
def test_losses_are_zero_exactly_where_labels_are_missing(labels, logit):
    column = _tensor(labels)[:, None]
    losses = label_losses(torch.full_like(column, logit), column, "binary")
    assert ((losses == 0) == column.isnan()).all() or abs(logit) > 20
    assert (losses >= 0).all()
