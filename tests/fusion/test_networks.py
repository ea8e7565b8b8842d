"""The networks, their tokens and their dropout."""

import pytest
import torch
from torch.nn import functional

from mmfeat.fusion.networks.cheap_dropout import CheapDropout
from mmfeat.fusion.networks.daft_network import DaftNetwork
from mmfeat.fusion.networks.masked_transformer_network import MaskedTransformerNetwork
from mmfeat.fusion.networks.modality_tokens import ModalityTokens
from mmfeat.fusion.networks.paper_network import PaperNetwork
from mmfeat.fusion.networks.residual_network import ResidualNetwork

NETWORKS = (PaperNetwork, ResidualNetwork, DaftNetwork)


def _inputs(widths, n=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(n, width, generator=generator) for width in widths]


def _woken(network):
    """Give the last layer weights, where it starts at zero."""
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network.eval()


def _seen(network, features, visible):
    n = len(features[0])
    return network(features, torch.arange(n), torch.tensor([visible] * n))


def test_the_papers_network_has_its_2_52_million_parameters():
    network = PaperNetwork([2048, 192], n_outputs=1, dropout=0.2)
    by_hand = (
        2240  # tokens
        + 2 * 2240  # LN of each modality
        + 2 * 2240  # joint LN
        + 2240 * 1120
        + 1120  # W
        + 2 * 1120  # LN(h)
        + 1120
        + 1  # V
    )
    assert sum(p.numel() for p in network.parameters()) == by_hand == 2_524_481


def test_the_papers_network_is_the_published_formula():
    torch.manual_seed(0)
    network = _woken(PaperNetwork([3, 2], n_outputs=2, dropout=0.5))
    first, second = _inputs([3, 2])
    first_norm, second_norm = network.modality_norms
    joint = torch.cat([first_norm(first), second_norm(network.tokens[1].expand(4, 2))], dim=1)
    hidden = network.hidden(functional.relu(network.joint_norm(joint)))
    expected = network.classifier(network.hidden_norm(hidden))
    torch.testing.assert_close(_seen(network, [first, second], [True, False]), expected)


def test_the_papers_hidden_layer_is_additive_up_to_a_norm_and_ours_is_not():
    a, b = _inputs([4, 4], n=2)
    grid = [torch.stack([a[0], a[0], a[1], a[1]]), torch.stack([b[0], b[1], b[0], b[1]])]
    torch.manual_seed(1)
    ours = _woken(ResidualNetwork([4, 4], n_outputs=1, dropout=0.0))
    both = _seen(ours, grid, [True, True])[:, 0]
    mixed_difference = both[0] - both[1] - both[2] + both[3]
    assert abs(mixed_difference.item()) > 0.1


def test_the_residual_starts_at_exactly_nothing_and_can_learn():
    network = ResidualNetwork([3, 2], n_outputs=2, dropout=0.1)
    output = _seen(network, _inputs([3, 2]), [True, True])
    assert not output.any()
    output.sum().backward()
    assert network.last.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("network_class", [*NETWORKS, MaskedTransformerNetwork])
def test_rows_and_views_are_answered_as_they_are_asked_for(network_class):
    torch.manual_seed(2)
    network = _woken(network_class([3, 2], n_outputs=1, dropout=0.3))
    features = _inputs([3, 2])
    fused, alone = _seen(network, features, [True, True]), _seen(network, features, [False, True])
    together = network(
        features,
        torch.tensor([3, 0, 3]),
        torch.tensor([[True, True], [False, True], [False, True]]),
    )
    torch.testing.assert_close(together, torch.stack([fused[3], alone[0], alone[3]]))


@pytest.mark.parametrize("network_class", NETWORKS)
def test_tokens_of_absent_modalities_are_learnt(network_class):
    torch.manual_seed(3)
    network = _woken(network_class([3, 2], n_outputs=1, dropout=0.0))
    _seen(network, _inputs([3, 2]), [True, False]).sum().backward()
    assert network.tokens[1].grad.abs().sum() > 0
    assert network.tokens[0].grad is None or not network.tokens[0].grad.any()


def test_tokens_start_from_a_narrow_normal_distribution():
    torch.manual_seed(4)
    token = ModalityTokens([20_000])[0]
    assert token.std().item() == pytest.approx(0.02, rel=0.05)
    assert abs(token.mean().item()) < 0.001


def test_tokens_can_start_at_zero_as_published_or_stay_there():
    published = ModalityTokens([5], deviation=0.0)[0]
    fixed = ModalityTokens([5], learnable=False)[0]
    assert not published.any()
    assert not fixed.any()
    assert (published.requires_grad, fixed.requires_grad) == (True, False)


def test_tokens_need_widths():
    with pytest.raises(ValueError, match=r"got \[3, 0\]"):
        ModalityTokens([3, 0])


def test_dropout_hides_its_share_and_keeps_the_mean():
    torch.manual_seed(5)
    dropped = CheapDropout(0.2)(torch.ones(1000, 333))
    assert (dropped == 0).float().mean().item() == pytest.approx(51 / 256, abs=0.002)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.003)
    assert dropped.max().item() == pytest.approx(256 / 205)


def test_dropout_hides_neighbours_independently():
    torch.manual_seed(6)
    hidden = (CheapDropout(0.5)(torch.ones(20_000, 8)) == 0).float()
    correlation = torch.corrcoef(hidden.T) - torch.eye(8)
    assert correlation.abs().max().item() < 0.04


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.999])
def test_dropout_does_nothing_in_evaluation_and_is_finite_at_the_edges(rate):
    values = torch.randn(50, 7, generator=torch.Generator().manual_seed(0))
    layer = CheapDropout(rate)
    assert torch.isfinite(layer(values)).all()
    torch.testing.assert_close(layer.eval()(values), values)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_dropout_refuses_other_rates(rate):
    with pytest.raises(ValueError, match=f"got {rate}"):
        CheapDropout(rate)
