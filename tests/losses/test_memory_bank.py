import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.losses.contrastive import label_agreement, pair_weights, views_contrastive_loss
from mmfeat.losses.memory_bank import MemoryBank, banked_contrastive_loss

NAN = math.nan
COLD = {"temperature": torch.tensor(2.0), "bias": torch.tensor(-1.0)}


def _bank(size, *, n_views=2, dim=2, n_columns=1):
    return MemoryBank.empty(n_views=n_views, size=size, dim=dim, n_columns=n_columns)


def _batch(cases, *, n_views=2, dim=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    views = torch.randn(n_views, len(cases), dim, generator=generator)
    labels = torch.randint(2, (len(cases), 1), generator=generator).float()
    return views, torch.ones(n_views, len(cases), dtype=torch.bool), labels, torch.tensor(cases)


def _loss(views, takes_part, labels, cases, bank, *, balanced_pairs=False):
    return banked_contrastive_loss(
        views,
        takes_part,
        labels,
        cases,
        bank,
        kind="binary",
        balanced_pairs=balanced_pairs,
        **COLD,
    )


def test_one_case_and_one_remembered_one_give_the_value_worked_out_by_hand():
    views = torch.tensor([[[3.0, 4.0]], [[0.0, 2.0]]])  # directions (0.6, 0.8) and (0, 1)
    earlier = torch.tensor([[[5.0, 0.0]], [[0.0, -1.0]]])  # (1, 0) and (0, -1)
    everyone = torch.ones(2, 1, dtype=torch.bool)
    bank = _bank(4).with_batch(earlier, everyone, torch.tensor([[0.0]]), torch.tensor([0]))
    # t = 2, b = -1. The case with itself: 2 * 0.8 - 1 = 0.6, sign +. First view with the second of
    # the bank: 2 * -0.8 - 1 = -2.6; second with the first of the bank: 2 * 0 - 1 = -1; signs -.
    softplus = [math.log1p(math.exp(x)) for x in (-0.6, -2.6, -1.0)]
    by_hand = (softplus[0] + softplus[1]) / 2 / 2 + (softplus[0] + softplus[2]) / 2 / 2
    found = _loss(views, everyone, torch.tensor([[1.0]]), torch.tensor([1]), bank)
    assert found.item() == pytest.approx(by_hand)


@pytest.mark.parametrize("balanced_pairs", [True, False])
def test_an_empty_bank_leaves_the_plain_loss(balanced_pairs):
    views, takes_part, labels, cases = _batch(list(range(12)), n_views=3, dim=5)
    takes_part[0, :4] = False
    labels[5] = NAN
    agreement = label_agreement(labels, "binary")
    plain = views_contrastive_loss(
        views,
        takes_part,
        agreement,
        weights=pair_weights(labels, agreement, "binary") if balanced_pairs else None,
        **COLD,
    )
    empty = _bank(6, n_views=3, dim=5)
    banked = _loss(views, takes_part, labels, cases, empty, balanced_pairs=balanced_pairs)
    torch.testing.assert_close(banked, plain)


@settings(deadline=None, max_examples=40)
@given(
    size=st.integers(1, 9),
    batches=st.lists(st.lists(st.booleans(), min_size=1, max_size=7), min_size=1, max_size=6),
)
def test_each_queue_holds_the_latest_cases_of_its_view_across_the_wrap(size, batches):
    bank, had, n_cases = _bank(size, n_views=1), [], 0
    for has_view in batches:
        cases = list(range(n_cases, n_cases + len(has_view)))
        n_cases += len(has_view)
        views, _, labels, numbers = _batch(cases, n_views=1, seed=n_cases)
        bank = bank.with_batch(views, torch.tensor([has_view]), labels, numbers)
        had += [case for case, has in zip(cases, has_view, strict=True) if has]
    queue = bank.queues[0]
    assert sorted(queue.cases[queue.filled].tolist()) == had[-size:]
    assert int(queue.filled.sum()) == min(size, len(had))
    lengths = queue.directions.norm(dim=1)
    torch.testing.assert_close(lengths, queue.filled.float())
    assert torch.equal(queue.labels.isnan()[:, 0], ~queue.filled)


def test_each_case_keeps_its_own_direction_and_label_across_the_wrap():
    bank, seen = _bank(5), {}
    for start in (0, 3, 6):
        views, takes_part, labels, cases = _batch([start, start + 1, start + 2], seed=start)
        bank = bank.with_batch(views, takes_part, labels, cases)
        for position, case in enumerate(cases.tolist()):
            seen[case] = (views[:, position] / views[:, position].norm(dim=1)[:, None], labels)
            seen[case] = (seen[case][0], labels[position])
    for view, queue in enumerate(bank.queues):
        assert sorted(queue.cases.tolist()) == [4, 5, 6, 7, 8]
        for place, case in enumerate(queue.cases.tolist()):
            torch.testing.assert_close(queue.directions[place], seen[case][0][view])
            assert torch.equal(queue.labels[place], seen[case][1])


def test_a_bank_is_not_changed_by_putting_a_batch_in():
    bank = _bank(3).with_batch(*_batch([0, 1]))
    before = [queue.directions.clone() for queue in bank.queues]
    bank.with_batch(*_batch([2, 3], seed=1))
    for queue, directions in zip(bank.queues, before, strict=True):
        assert torch.equal(queue.directions, directions)
        assert queue.cases.tolist() == [0, 1, -1]


def test_a_backward_pass_after_the_push_gives_the_gradient_of_the_forward_pass():
    views, takes_part, labels, cases = _batch([2, 3, 4], seed=1)
    views.requires_grad_(True)
    bank = _bank(3).with_batch(*_batch([0, 1]))
    loss = _loss(views, takes_part, labels, cases, bank)
    (at_once,) = torch.autograd.grad(loss, views, retain_graph=True)
    pushed = bank.with_batch(views, takes_part, labels, cases)
    assert not any(queue.directions.requires_grad for queue in pushed.queues)
    loss.backward()
    assert torch.equal(views.grad, at_once)


def test_a_case_of_the_batch_that_the_bank_remembers_is_not_compared_with_itself():
    views, takes_part, labels, cases = _batch([0, 1, 2], seed=1)
    empty = _bank(8)
    of_the_same = empty.with_batch(*_batch([0, 1, 2], seed=5))
    alone = _loss(views, takes_part, labels, cases, empty)
    assert _loss(views, takes_part, labels, cases, of_the_same).item() == alone.item()
    of_others = empty.with_batch(*_batch([7, 8, 9], seed=5))
    assert _loss(views, takes_part, labels, cases, of_others).item() != alone.item()


def test_remembered_cases_without_a_label_are_in_no_pair():
    views, takes_part, labels, cases = _batch([0, 1, 2], seed=1)
    earlier = _batch([7, 8, 9], seed=5)
    earlier[2][:] = NAN
    bank = _bank(8).with_batch(*earlier)
    alone = _loss(views, takes_part, labels, cases, _bank(8))
    torch.testing.assert_close(_loss(views, takes_part, labels, cases, bank), alone)


def test_gradients_are_those_of_finite_differences():
    views, takes_part, labels, cases = _batch([2, 3, 4], seed=1)
    bank = _bank(4).with_batch(*_batch([0, 1]))
    inputs = [
        views.double().requires_grad_(True),
        *(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (2.0, -1.0)),
    ]

    def loss(views, temperature, bias):
        return banked_contrastive_loss(
            views,
            takes_part,
            labels.double(),
            cases,
            bank,
            kind="binary",
            temperature=temperature,
            bias=bias,
            balanced_pairs=True,
        )

    assert torch.autograd.gradcheck(loss, inputs)


def test_a_bank_goes_on_from_its_state_as_it_would_have():
    bank = _bank(4).with_batch(*_batch([0, 1, 2]))
    again = MemoryBank.of_state(bank.state())
    following = _batch([3, 4], seed=1)
    expected = bank.with_batch(*following).state()
    found = again.with_batch(*following).state()
    assert found.keys() == expected.keys()
    assert len(expected) == 8
    for name, values in expected.items():
        assert torch.equal(found[name].nan_to_num(-1), values.nan_to_num(-1)), name


def test_a_bank_without_places_is_refused():
    with pytest.raises(ValueError, match="size must be 1 or more, got 0"):
        _bank(0)
