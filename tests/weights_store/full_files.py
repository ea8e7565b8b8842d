"""Files of random weights as large as the published ones, of the two smallest networks."""

from pathlib import Path

import torch

from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build

from ..encoders.random_tensors import random_tensors

_WRAPPERS = {"suprem-segresnet": "net", "swinunetr-ssl": "state_dict"}
"""The first is published on the hub, the second at an address."""


def write_full_weights(name: str, file: Path, seed: int = 0) -> Path:
    """Write a file with all tensors that the published network of an encoder has."""
    network = encoder_class(name).model.network
    shapes = build(network, network.width).encoder.state_dict()
    state = random_tensors({f"module.{key}": like for key, like in shapes.items()}, seed)
    torch.save({_WRAPPERS[name]: state}, file)
    return file
