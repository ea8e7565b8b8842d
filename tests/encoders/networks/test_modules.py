"""The networks are those that the authors published, from their input to one feature a window."""

import dataclasses

import numpy as np
import pytest
import torch
from monai.networks.nets.resnet import ResNet
from safetensors.torch import save_file

from mmfeat import encoders
from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.modules import lite0_features
from mmfeat.encoders.networks.recipe_networks import FeatureNetwork, build
from mmfeat.encoders.weights.state_dicts import load_strictly

from ..published_weights import encoder_alone, segresnet_state
from ..random_tensors import random_tensors


def _built(name: str, width: int | None = None, **arguments) -> FeatureNetwork:
    network = encoder_class(name).model.network
    if arguments:
        network = dataclasses.replace(network, arguments=arguments)
    return build(network, width or network.width)


@pytest.mark.parametrize(
    ("module", "n_parameters", "n_tensors"),
    [
        (_built("ct-fm"), 77_760_992, 161),
        (_built("merlin"), 117_366_208, 930),
        (lite0_features(), 4_652_008, 296),
    ],
    ids=["ct-fm", "merlin", "slices-lite0"],
)
def test_a_network_has_the_published_size_and_no_memory_before_its_weights(
    module, n_parameters, n_tensors
):
    assert sum(parameter.numel() for parameter in module.parameters()) == n_parameters
    assert len(module.encoder.state_dict()) == n_tensors
    assert {tensor.device.type for tensor in module.state_dict().values()} == {"meta"}


@pytest.mark.parametrize(
    ("module", "window", "width"),
    [
        (_built("ct-fm"), (1, 24, 128, 128), 512),
        (_built("ct-fm"), (1, 17, 45, 61), 512),  # a scan as a whole
        (_built("merlin"), (1, 224, 224, 160), 2048),
        (lite0_features(), (3, 224, 224), 1280),
    ],
    ids=["ct-fm", "ct-fm whole scan", "merlin", "slices-lite0"],
)
def test_a_published_network_gives_one_feature_for_each_window(module, window, width):
    assert module.eval()(torch.empty((2, *window), device="meta")).shape == (2, width)


def _merlin(seed: int = 0) -> FeatureNetwork:
    module = _built("merlin", 2, blocks=(1, 2, 1, 1))
    load_strictly(module.encoder, random_tensors(module.encoder.state_dict(), seed), "made up")
    return module.eval()


def test_merlin_sees_axes_and_channels_as_its_authors_forward_does():
    module = _merlin()
    windows = torch.rand(2, 1, 40, 36, 32, generator=torch.Generator().manual_seed(0))
    turned = windows.permute(0, 1, 4, 2, 3)
    with torch.inference_mode():
        theirs = module.encoder(torch.cat((turned, turned, turned), dim=1))
        ours = module(windows)
        mirrored = module(windows.transpose(2, 4))
    torch.testing.assert_close(ours, theirs)
    assert not torch.allclose(mirrored, theirs)


def test_merlins_network_is_an_inflated_2d_resnet():
    """As published: a 2-D ResNet whose kernels stand in the middle of 3-D ones.

    Where every slice is the same, it gives the feature of the 2-D network for one of them.
    """
    flat = ResNet(
        "bottleneck",
        [1, 2, 1, 1],
        [2, 4, 8, 16],
        spatial_dims=2,
        n_input_channels=3,
        conv1_t_size=7,
        conv1_t_stride=2,
        shortcut_type="B",
        bias_downsample=False,
        feed_forward=False,
    ).eval()
    flat.load_state_dict(random_tensors(flat.state_dict(), 0))
    inflated = _built("merlin", 2, blocks=(1, 2, 1, 1))
    state = {}
    for key, like in inflated.encoder.state_dict().items():
        value = flat.state_dict()[key]
        if like.ndim == 5:
            kernel = torch.zeros(like.shape)
            kernel[:, :, like.shape[2] // 2] = value
            value = kernel
        state[key] = value
    load_strictly(inflated.encoder, state, "made up")
    slice_ = torch.rand(1, 1, 48, 40, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        theirs = flat(slice_.expand(-1, 3, -1, -1))
        ours = inflated.eval()(slice_[..., None].expand(-1, -1, -1, -1, 24))
    torch.testing.assert_close(ours, theirs)


def test_merlins_depth_is_halved_by_the_pool_and_the_last_three_levels_only():
    network = _built("merlin", 2, blocks=(1, 2, 1, 1)).encoder
    maps = torch.empty(1, 3, 32, 64, 48, device="meta")
    sizes = []
    for name in ("conv1", "maxpool", "layer1", "layer2", "layer3", "layer4"):
        maps = getattr(network, name)(maps)
        sizes.append(tuple(maps.shape[2:]))
    assert sizes == [
        (32, 32, 24),
        (16, 16, 12),
        (16, 16, 12),
        (8, 8, 6),
        (4, 4, 3),
        (2, 2, 2),
    ]


def test_the_last_level_is_averaged_over_space_only():
    module = _built("ct-fm", 2)
    load_strictly(module.encoder, encoder_alone(segresnet_state()), "made up")
    windows = torch.rand(2, 1, 16, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        levels = module.eval().encoder(windows)
        ours = module(windows)
    assert len(levels) == 5
    assert levels[-1].shape == (2, 32, 1, 2, 2)
    np.testing.assert_allclose(ours, levels[-1].numpy().mean(axis=(2, 3, 4)), rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_ct_fm_of_full_size_runs_from_a_file(tmp_path, make_scan, embed):
    module = _built("ct-fm")
    save_file(random_tensors(module.encoder.state_dict(), 0), tmp_path / "full.safetensors")
    encoder = encoders.create("ct-fm", weights=tmp_path / "full.safetensors", device="cpu")
    encoder.load()
    feature = embed(encoder, make_scan())
    assert feature.shape == (512,)
    assert np.isfinite(feature).all()


@pytest.mark.slow
def test_merlin_of_full_size_loads_from_a_file_and_runs(tmp_path):
    module = _built("merlin")
    state = random_tensors(module.encoder.state_dict(), 0)
    torch.save({f"encode_image.i3_resnet.{key}": state[key] for key in state}, tmp_path / "full.pt")
    encoder = encoders.create("merlin", weights=tmp_path / "full.pt", device="cpu")
    encoder.load()
    features = encoder.encode(np.full((1, 1, 40, 40, 32), 0.5, np.float32))  # a small window
    assert features.shape == (1, 2048)
    assert np.isfinite(features).all()
