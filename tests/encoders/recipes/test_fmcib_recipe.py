"""FMCIB's network and weights are those of its authors' code."""

import dataclasses

import numpy as np
import pytest
import torch
from monai.networks.nets import resnet50

from mmfeat import encoders
from mmfeat.encoders import encoder_class, needs_point
from mmfeat.errors import EncoderError, VolumeError

from ..random_tensors import random_tensors
from ..recipe_files import SMALL_RECIPE_OPTIONS, SMALL_WIDTH

AS_THE_AUTHORS = {
    "pretrained": False,
    "n_input_channels": 1,
    "conv1_t_stride": 2,
    "feed_forward": False,
    "bias_downsample": True,
}
"""Of fmcib/models/__init__.py at 1f1c0c8, but for the width."""


@pytest.fixture(scope="module")
def trunk():
    """The authors' network, narrow, with random weights."""
    network = resnet50(widen_factor=SMALL_WIDTH["fmcib"] / 64, **AS_THE_AUTHORS).eval()
    network.load_state_dict(random_tensors(network.state_dict(), 3), strict=True)
    return network


def _loaded(file):
    encoder = encoders.create(
        "fmcib", weights=file, device="cpu", options=SMALL_RECIPE_OPTIONS["fmcib"]
    )
    encoder.load()
    return encoder


def _published(trunk):
    return {"trunk_state_dict": trunk.state_dict(), "iteration": 9000}


def _fine_tuned(trunk):
    trunk_part = {f"model.trunk.{key}": value for key, value in trunk.state_dict().items()}
    heads = {"model.heads.0.weight": torch.ones(2, 128), "model.heads.0.bias": torch.ones(2)}
    return {"state_dict": trunk_part | heads, "epoch": 3}


def _of_several_gpus(trunk):
    return {"trunk_state_dict": {f"module.{k}": v for k, v in trunk.state_dict().items()}}


@pytest.mark.parametrize("layout", [_published, _fine_tuned, _of_several_gpus])
def test_it_computes_what_the_authors_network_does(layout, trunk, tmp_path, scan):
    torch.save(layout(trunk), tmp_path / "model_weights.torch")
    encoder = _loaded(tmp_path / "model_weights.torch")
    window = encoder.prepare(scan)
    with torch.inference_mode():
        theirs = trunk(torch.from_numpy(window))
    assert encoder.embedding_size == theirs.shape[1] == 128
    np.testing.assert_allclose(encoder.encode(window), theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(encoder.pool(encoder.encode(window)), encoder.encode(window)[0])


def test_at_its_width_it_is_the_authors_network_of_4096_values():
    kind = encoder_class("fmcib")
    with torch.device("meta"):
        theirs = resnet50(widen_factor=2, **AS_THE_AUTHORS)
    n_parameters = sum(parameter.numel() for parameter in theirs.parameters())
    assert kind.facts.n_parameters == n_parameters == 184_477_824
    assert kind.embedding_size == 4096


def test_another_networks_weights_are_refused(tmp_path):
    without_bias = resnet50(
        widen_factor=SMALL_WIDTH["fmcib"] / 64, **AS_THE_AUTHORS | {"bias_downsample": False}
    )
    torch.save({"trunk_state_dict": without_bias.state_dict()}, tmp_path / "other.torch")
    with pytest.raises(EncoderError, match=r"missing: layer1.0.downsample.0.bias"):
        _loaded(tmp_path / "other.torch")


def test_it_needs_a_point_and_others_do_not(make_encoder, scan):
    assert needs_point("fmcib")
    assert not any(needs_point(name) for name in ("ct-fm", "slices-lite0", "intensity-stats"))
    with pytest.raises(VolumeError, match="no point of interest is given"):
        make_encoder("fmcib", loaded=False).prepare(dataclasses.replace(scan, point_mm=None))
