from itertools import pairwise

import pytest
import torch

from mmfeat.fusion.networks.attention_pooling import AttentionPooling
from mmfeat.fusion.networks.bags import Bag

OFFSETS = torch.tensor([0, 3, 3, 4, 9])


@pytest.fixture
def pooling():
    torch.manual_seed(0)
    pooling = AttentionPooling(5, d_attention=4).double()
    torch.nn.init.normal_(pooling.score.weight, std=3.0)
    return pooling


@pytest.fixture
def vectors():
    return torch.randn(9, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_it_is_the_published_formula_in_each_case(pooling, vectors):
    pooled = pooling(Bag(vectors, OFFSETS))
    for case, (start, end) in enumerate(pairwise(OFFSETS)):
        of_case = vectors[start:end]
        scores = pooling.score(pooling.values(of_case).tanh() * pooling.gates(of_case).sigmoid())
        torch.testing.assert_close(pooled[case], (scores.softmax(0) * of_case).sum(0))


def test_weights_of_a_case_sum_to_one_and_an_empty_set_is_zero(pooling, vectors):
    bag = Bag(vectors, OFFSETS)
    weights = pooling.weights(bag)
    totals = torch.zeros(4, dtype=torch.float64).index_add(0, bag.rows, weights)
    torch.testing.assert_close(totals, torch.tensor([1.0, 0, 1, 1], dtype=torch.float64))
    assert pooling(bag)[1].tolist() == [0.0] * 5


def test_scores_of_any_size_do_not_overflow(pooling, vectors):
    pooling.score.weight.data *= 1e6
    pooled = pooling(Bag(vectors, OFFSETS))
    assert torch.isfinite(pooled).all()


def test_the_untrained_pooling_is_the_mean(vectors):
    pooled = AttentionPooling(5).double()(Bag(vectors, OFFSETS))
    torch.testing.assert_close(pooled[3], vectors[4:].mean(0))


def test_the_order_within_a_case_does_not_matter(pooling, vectors):
    shuffled = vectors[[2, 0, 1, 3, 8, 7, 4, 5, 6]]
    torch.testing.assert_close(pooling(Bag(shuffled, OFFSETS)), pooling(Bag(vectors, OFFSETS)))


def test_gradients_are_right(pooling, vectors):
    vectors.requires_grad_()
    assert torch.autograd.gradcheck(lambda values: pooling(Bag(values, OFFSETS)), vectors)
    assert torch.autograd.gradcheck(
        lambda weight: torch.func.functional_call(
            pooling, {"gates.weight": weight}, (Bag(vectors.detach(), OFFSETS),)
        ),
        pooling.gates.weight,
    )
