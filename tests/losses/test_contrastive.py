import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.losses.contrastive import (
    clamped_temperature,
    label_agreement,
    pair_weights,
    sigmoid_contrastive_loss,
    starting_bias,
    views_contrastive_loss,
)

NAN = math.nan


def _column(*labels):
    return torch.tensor(labels, dtype=torch.float64)[:, None]


def _loss(left, right, agreement, *, temperature=1.0, bias=0.0, present=None, weights=None):
    everyone = torch.ones(len(left), dtype=torch.bool)
    return sigmoid_contrastive_loss(
        left,
        right,
        agreement,
        temperature=torch.tensor(temperature, dtype=left.dtype),
        bias=torch.tensor(bias, dtype=left.dtype),
        left_present=everyone if present is None else present,
        right_present=everyone,
        weights=weights,
    )


def test_two_cases_give_the_value_worked_out_by_hand():
    left = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    right = torch.tensor([[1.0, 0.0], [0.6, 0.8]], dtype=torch.float64)
    agreement = label_agreement(_column(0, 1), "binary")
    # <left, right> = [[1, 0.6], [0, 0.8]]; t = 2, b = -1: [[1, 0.2], [-1, 0.6]]; signs +, -, -, +
    by_hand = sum(math.log1p(math.exp(-x)) for x in (1.0, -0.2, 1.0, 0.6)) / 4
    assert float(_loss(left, right, agreement, temperature=2.0, bias=-1.0)) == pytest.approx(
        by_hand
    )


def test_it_is_torchs_binary_cross_entropy_of_the_pairs():
    generator = torch.Generator().manual_seed(0)
    left, right = torch.randn(2, 9, 4, generator=generator, dtype=torch.float64)
    agreement = label_agreement(_column(*[0, 1, 2] * 3), "multiclass")
    reference = torch.nn.functional.binary_cross_entropy_with_logits(
        3.0 * left @ right.T - 0.5, (agreement + 1) / 2
    )
    torch.testing.assert_close(_loss(left, right, agreement, temperature=3.0, bias=-0.5), reference)


def test_gradients_are_those_of_finite_differences():
    generator = torch.Generator().manual_seed(1)
    inputs = [
        torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
        for shape in ((4, 3), (4, 3), (), ())
    ]
    agreement = label_agreement(_column(0, 1, 1, NAN), "binary")
    present = torch.tensor([True, True, False, True])

    def loss(left, right, temperature, bias):
        return sigmoid_contrastive_loss(
            left,
            right,
            agreement,
            temperature=temperature,
            bias=bias,
            left_present=present,
            right_present=~torch.zeros_like(present),
        )

    assert torch.autograd.gradcheck(loss, inputs)


def test_a_case_without_the_view_changes_nothing_whatever_its_row_holds():
    left, right = torch.eye(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64).roll(1, 0)
    agreement = label_agreement(_column(0, 1, 1), "binary")
    present = torch.tensor([True, True, False])
    expected = _loss(left, right, agreement, present=present)
    left[2] = NAN
    torch.testing.assert_close(_loss(left, right, agreement, present=present), expected)


def test_nobody_present_is_zero_and_can_go_backward():
    left = torch.ones(2, 3, requires_grad=True)
    nobody = torch.zeros(2, dtype=torch.bool)
    loss = _loss(
        left, torch.ones(2, 3), label_agreement(_column(0, 1).float(), "binary"), present=nobody
    )
    loss.backward()
    assert loss.item() == 0.0
    assert left.grad.tolist() == [[0.0] * 3] * 2


def test_one_view_has_no_pair_of_views_and_can_go_backward():
    views = torch.ones(1, 2, 3, requires_grad=True)
    loss = views_contrastive_loss(
        views,
        torch.ones(1, 2, dtype=torch.bool),
        label_agreement(_column(0, 1).float(), "binary"),
        temperature=torch.tensor(1.0),
        bias=torch.tensor(0.0),
    )
    loss.backward()
    assert loss.item() == 0.0


def test_three_views_sum_over_their_three_pairs():
    generator = torch.Generator().manual_seed(2)
    views = torch.randn(3, 5, 4, generator=generator, dtype=torch.float64)
    takes_part = torch.rand(3, 5, generator=generator) < 0.7
    agreement = label_agreement(_column(0, 1, 1, 0, 1), "binary")
    one, zero = torch.tensor(1.0, dtype=torch.float64), torch.tensor(0.0, dtype=torch.float64)
    unit = views / views.norm(dim=-1, keepdim=True)
    expected = sum(
        sigmoid_contrastive_loss(
            unit[i],
            unit[j],
            agreement,
            temperature=one,
            bias=zero,
            left_present=takes_part[i],
            right_present=takes_part[j],
        )
        for i, j in ((0, 1), (0, 2), (1, 2))
    )
    found = views_contrastive_loss(views * 7, takes_part, agreement, temperature=one, bias=zero)
    torch.testing.assert_close(found, expected)


def test_cases_agree_when_their_class_is_equal_and_unknown_labels_are_left_out():
    agreement = label_agreement(_column(0, 2, NAN, 2), "multiclass")
    assert agreement.tolist() == [[1, -1, 0, -1], [-1, 1, 0, 1], [0, 0, 0, 0], [-1, 1, 0, 1]]


def test_cases_agree_when_they_share_a_finding_or_neither_has_any():
    findings = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [NAN, 1.0], [NAN, NAN]])
    agreement = label_agreement(findings, "multilabel")
    assert agreement.tolist() == [
        [1, 1, -1, -1, 0],
        [1, 1, -1, 1, 0],
        [-1, -1, 1, -1, 0],
        [-1, 1, -1, 1, 0],
        [0, 0, 0, 0, 0],
    ]


def test_every_pair_of_classes_weighs_the_same():
    labels = _column(0, 0, 0, 1)
    weights = pair_weights(labels, label_agreement(labels, "binary"), "binary")
    assert weights[:3, :3].sum().item() == pytest.approx(0.25)
    assert weights[3, 3].item() == pytest.approx(0.25)
    assert weights[3, :3].sum().item() == pytest.approx(0.25)


def test_shared_findings_weigh_as_much_as_different_ones():
    findings = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    agreement = label_agreement(findings, "multilabel")
    weights = pair_weights(findings, agreement, "multilabel")
    assert weights[agreement == 1].sum().item() == pytest.approx(0.5)
    assert weights[agreement == -1].sum().item() == pytest.approx(0.5)


def test_the_starting_bias_is_the_logit_of_the_share_of_pairs_that_agree():
    labels = _column(*[1] * 6 + [0] * 94)
    share = 0.06**2 + 0.94**2  # 88.7 % of the pairs at a prevalence of 6 %
    bias = starting_bias(label_agreement(labels, "binary"))
    assert bias == pytest.approx(math.log(share / (1 - share)))


def test_the_starting_bias_is_zero_when_classes_are_balanced_or_nothing_is_known():
    labels = _column(0, 0, 0, 1)
    agreement = label_agreement(labels, "binary")
    weights = pair_weights(labels, agreement, "binary")
    assert starting_bias(agreement, weights) == pytest.approx(0.0)
    assert starting_bias(torch.zeros(2, 2)) == 0.0


@pytest.mark.parametrize(("sign", "bias"), [(1.0, 10.0), (-1.0, -10.0)])
def test_the_starting_bias_stays_finite_when_all_pairs_are_alike(sign, bias):
    assert starting_bias(torch.full((3, 3), sign)) == bias


def test_the_temperature_stays_between_one_and_a_hundred():
    logs = [clamped_temperature(torch.tensor(x)).item() for x in (-5.0, math.log(7.0), 50.0)]
    assert logs == pytest.approx([1.0, 7.0, 100.0])


@given(
    labels=st.lists(st.sampled_from([0.0, 1.0, 2.0, NAN]), min_size=2, max_size=8),
    seed=st.integers(0, 2**16),
)
def test_it_is_never_negative_and_indifferent_to_the_order_of_the_cases(labels, seed):
    generator = torch.Generator().manual_seed(seed)
    left, right = torch.randn(2, len(labels), 3, generator=generator, dtype=torch.float64)
    column = _column(*labels)
    order = torch.randperm(len(labels), generator=generator)
    agreement = label_agreement(column, "multiclass")
    weights = pair_weights(column, agreement, "multiclass")
    loss = _loss(left, right, agreement, bias=0.3, weights=weights)
    shuffled = _loss(
        left[order],
        right[order],
        agreement[order][:, order],
        bias=0.3,
        weights=weights[order][:, order],
    )
    assert loss >= 0
    torch.testing.assert_close(shuffled, loss)
