"""What is taken of a network's tokens, and Raptor's projection of them."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mmfeat.encoders.slices.slice_network import SliceNetwork, SliceTokens, random_projection

IMAGES, SPECIAL, PATCHES, WIDTH = 6, 2, 4, 5


class Tokens(nn.Module):
    """Give each image tokens that hang on its mean; nothing is learnt."""

    def __init__(self, n_special: int = SPECIAL) -> None:
        super().__init__()
        self._n_special = n_special

    def forward(self, images: Tensor) -> SliceTokens:
        level = images.mean(dim=(1, 2, 3))[:, None, None]
        ramp = torch.arange(float((SPECIAL + PATCHES) * WIDTH)).reshape(1, -1, WIDTH)
        tokens = ramp * (1 + level)
        special, patches = tokens[:, :SPECIAL], tokens[:, SPECIAL:]
        return SliceTokens(special[:, : self._n_special], patches, tokens[:, -1] + 100)


def windows(planes: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(IMAGES // planes, planes * 3, 8, 8, generator=generator)


@pytest.mark.parametrize(
    ("takes", "of"),
    [
        ("pooler", lambda tokens: tokens.pooled),
        ("cls", lambda tokens: tokens.special[:, 0]),
        ("patches", lambda tokens: tokens.patches.mean(dim=1)),
        (
            "cls+patches",
            lambda tokens: torch.cat([tokens.special[:, 0], tokens.patches.mean(dim=1)], 1),
        ),
    ],
)
def test_what_is_taken_of_a_slice(takes, of):
    network = SliceNetwork(Tokens(), n_channels=3, takes=takes)
    torch.testing.assert_close(network(windows()), of(Tokens()(windows())))


def test_of_three_planes_the_features_lie_one_after_the_other():
    network = SliceNetwork(Tokens(), n_channels=3, takes="pooler")
    together = windows(planes=3)
    planes = [network(together[:, start : start + 3]) for start in (0, 3, 6)]
    torch.testing.assert_close(network(together), torch.cat(planes, dim=1))


def test_raptor_is_that_of_its_own_code_once_slices_are_averaged():
    """Its script averages the tokens of a plane's slices, projects, and joins plane after plane."""
    together = windows(planes=3)
    projection = random_projection(WIDTH, 7, seed=3)
    network = SliceNetwork(Tokens(), n_channels=3, takes="raptor", projection=projection)
    planes = []
    for start in (0, 3, 6):
        tokens = Tokens()(together[:, start : start + 3])
        every = torch.cat([tokens.special, tokens.patches], dim=1).transpose(1, 2)  # (n, D, T)
        planes.append(projection.T @ every.mean(dim=0))  # (K, T)
    expected = torch.cat(planes).flatten()
    torch.testing.assert_close(network(together).mean(dim=0), expected, rtol=1e-5, atol=1e-4)


def test_raptors_matrix_is_the_one_that_its_script_draws():
    """``np.random.seed(seed); np.random.randn(d, k)``"""
    state = np.random.RandomState(0)
    expected = [[state.normal() for _ in range(2)] for _ in range(3)]
    np.testing.assert_allclose(random_projection(3, 2, seed=0), expected, rtol=1e-6)
    assert random_projection(1024, 100, seed=0)[0, 0] == pytest.approx(1.764052, abs=1e-6)
    assert not torch.equal(random_projection(3, 2, seed=0), random_projection(3, 2, seed=1))


def test_a_mixed_precision_leaves_the_projection_in_float32():
    projection = random_projection(WIDTH, 7, seed=0)
    network = SliceNetwork(Tokens(), n_channels=3, takes="raptor", projection=projection)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = network(windows())
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, network(windows()))
