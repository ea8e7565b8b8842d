import pytest
import torch

from mmfeat.fusion.networks.tnf_network import TnfNetwork
from mmfeat.fusion.task import Task

ROWS = torch.arange(3)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return TnfNetwork([4, 2, 3], Task.single("binary"), dropout=0.0, d_hidden=5)


@pytest.fixture
def features():
    return [torch.randn(3, w, generator=torch.Generator().manual_seed(w)) for w in (4, 2, 3)]


def _branch(network, features, modality):
    hidden = network.projections[modality](network.norms[modality](features[modality])).relu()
    return network.branches[modality](hidden)


def _fused(network, features, visible):
    hidden = [
        network.projections[m](network.norms[m](values)).relu()
        if seen
        else network.tokens[m].expand(3, 5)
        for m, (values, seen) in enumerate(zip(features, visible, strict=True))
    ]
    return network.fused_branch(network.fused_hidden(torch.cat(hidden, dim=1)).relu())


@pytest.mark.parametrize("modality", [0, 1, 2])
def test_one_modality_is_answered_by_its_branch_always(network, features, modality):
    visible = torch.tensor([[m == modality for m in range(3)]] * 3)
    expected = _branch(network, features, modality)
    torch.testing.assert_close(network.train()(features, ROWS, visible), expected)
    torch.testing.assert_close(network.eval()(features, ROWS, visible), expected)


def test_several_are_trained_in_the_fused_branch_and_answered_by_the_mean(network, features):
    seen = [True, False, True]
    visible = torch.tensor([seen] * 3)
    fused = _fused(network, features, seen)
    torch.testing.assert_close(network.train()(features, ROWS, visible), fused)
    branches = [fused, _branch(network, features, 0), _branch(network, features, 2)]
    mean = torch.stack(branches).sigmoid().mean(0)
    torch.testing.assert_close(network.eval()(features, ROWS, visible).sigmoid(), mean)


def test_views_of_all_sizes_can_stand_in_one_batch(network, features):
    visible = torch.tensor([[True, False, False], [True, True, True], [False, True, False]])
    mixed = network.train()(features, ROWS, visible)
    for row in range(3):
        alone = network(features, ROWS[[row]], visible[[row]])
        torch.testing.assert_close(mixed[[row]], alone)
