import pytest
import torch
from torch.nn import functional

from mmfeat.fusion.networks.daft_network import DaftNetwork


def test_it_is_the_published_transform_and_a_residual_block():
    torch.manual_seed(0)
    network = DaftNetwork([3, 4, 2], n_outputs=2, dropout=0.5, scaled=1, d_scaled=6).eval()
    first, image, last = (torch.randn(2, width) for width in (3, 4, 2))
    found = network([first, image, last], torch.arange(2), torch.tensor([[True, True, False]] * 2))
    feature_map = functional.relu(network.projection_norm(network.projection(image)))
    squeezed = torch.cat([first, feature_map, network.tokens[2].expand(2, 2)], dim=1)
    affine = functional.relu(squeezed @ network.squeeze.weight.T)
    affine = affine @ network.scale_and_shift.weight.T
    moved = affine[:, :6] * feature_map + affine[:, 6:]
    inner = functional.relu(network.first_norm(network.first(moved)))
    block = functional.relu(moved + network.second_norm(network.second(inner)))
    torch.testing.assert_close(found, network.classifier(block))


def test_the_bottleneck_is_of_seven_values_without_biases_as_published():
    network = DaftNetwork([3, 2], n_outputs=1, dropout=0.0)
    assert network.squeeze.weight.shape == (7, 128 + 2)
    assert network.squeeze.bias is None
    assert network.scale_and_shift.bias is None


def test_a_modality_that_is_not_there_cannot_be_scaled():
    with pytest.raises(ValueError, match="scaled must be one of 2 modalities, got 2"):
        DaftNetwork([3, 2], n_outputs=1, dropout=0.0, scaled=2)
