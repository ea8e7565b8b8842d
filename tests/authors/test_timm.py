"""timm-slices: the same numbers as by timm itself, strict loading, and images of other sides."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmfeat import encoders
from mmfeat.encoders.contract_checks import CHECKS, Subject
from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.errors import EncoderError

from .packages import of_authors

timm = of_authors("timm")

VIT = "vit_tiny_patch16_224.augreg_in21k"
NETWORKS = {
    VIT: 224,
    "vit_small_patch16_dinov3.lvd1689m": 256,
    "vit_base_patch16_siglip_224.webli": 224,
    "convnext_atto.d2_in1k": 224,
    "resnet10t.c3_in1k": 176,
    "swin_tiny_patch4_window7_224.ms_in1k": 224,
}
"""By name, and the side of images that each was trained with."""


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    """A function that writes a network with random weights as timm's repositories have it."""
    folder = tmp_path_factory.mktemp("timm")

    def write(name, change=lambda state: None):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            state = timm.create_model(name).state_dict()
        change(state)
        file = folder / f"{name}.safetensors"
        save_file({key: value.contiguous() for key, value in state.items()}, file)
        return file

    return write


def make(name, file, **options):
    given = {"model": name, "max_slices": 2} | options
    return encoders.create("timm-slices", weights=file, device="cpu", options=given)


def theirs(name, file, **arguments):
    """timm's own network with the weights of a file, with its classifier."""
    network = timm.create_model(name, checkpoint_path=str(file), **arguments)
    return network.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_summary_is_what_timm_gives_its_classifier(name, write):
    file = write(name)
    encoder = make(name, file)
    encoder.load()
    images = encoder.prepare(made_up_scan())
    assert images.shape == (2, 3, NETWORKS[name], NETWORKS[name])
    network = theirs(name, file)
    with torch.inference_mode():
        features = network.forward_features(torch.from_numpy(images))
        expected = network.forward_head(features, pre_logits=True).numpy()
    np.testing.assert_allclose(encoder.encode(images), expected, rtol=1e-4, atol=1e-5)
    assert encoder.embedding_size == expected.shape[1]


def test_mean_deviation_and_name_of_the_network_belong_to_the_recipe(write):
    recipe = make(VIT, write(VIT)).recipe
    published = timm.models.get_pretrained_cfg(VIT)
    assert recipe["prepare"][-1]["subtract"] == list(published.mean)
    assert recipe["prepare"][-1]["divide_by"] == list(published.std)
    assert recipe["network"]["model"] == VIT
    assert recipe["network"]["tag"] == "augreg_in21k"


@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        (VIT, 96),
        ("vit_small_patch16_dinov3.lvd1689m", 128),
        ("convnext_atto.d2_in1k", 64),
        ("resnet10t.c3_in1k", 75),
    ],
)
def test_images_of_another_side_go_through_timms_own_resampling(name, pixels, write):
    file = write(name)
    encoder = make(name, file, pixels=pixels, slice_feature="patches")
    encoder.load()
    images = encoder.prepare(made_up_scan())
    dynamic = {"dynamic_img_size": True} if name.startswith("vit") else {}
    network = theirs(name, file, **dynamic)
    with torch.inference_mode():
        features = network.forward_features(torch.from_numpy(images))
    if name.startswith("vit"):
        patches = features[:, network.num_prefix_tokens :].mean(dim=1)
    else:
        patches = features.mean(dim=(2, 3))
    np.testing.assert_allclose(encoder.encode(images), patches.numpy(), rtol=1e-4, atol=1e-5)


def test_the_classifier_is_left_out_and_nothing_else(write):
    encoder = make(VIT, write(VIT))
    encoder.load()
    for key, change in {
        "unexpected: extra": lambda state: state.update(extra=torch.zeros(1)),
        "missing: norm.weight": lambda state: state.pop("norm.weight"),
        "of another shape: norm.weight 7": lambda state: state.update(
            {"norm.weight": torch.zeros(7)}
        ),
    }.items():
        with pytest.raises(EncoderError, match=f"not the weights of this encoder: {key}"):
            make(VIT, write(VIT, change)).load()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "vit_tinny_patch16_224",
            {},
            "has no network `vit_tinny.*did you mean `vit_tiny_patch16_2",
        ),
        ("resnet18.nonsense", {}, "timm .* says: Invalid pretrained tag"),
        ("hf_hub:timm/resnet18", {}, "has no network `hf_hub:timm/resnet18`"),
        (VIT, {"pixels": 100}, "option `pixels` must be a multiple of 16"),
        ("resnet10t.c3_in1k", {"slice_feature": "cls"}, "has no `cls`; it can give `pooler`"),
        ("swin_tiny_patch4_window7_224.ms_in1k", {"pixels": 448}, "takes no image of 448 x 448"),
    ],
)
def test_what_timm_does_not_have_or_cannot_do_is_one_clear_line(name, options, message, tmp_path):
    file = tmp_path / "weights.safetensors"
    save_file({"a": torch.zeros(1)}, file)
    with pytest.raises(EncoderError, match=message) as caught:
        make(name, file, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("check", CHECKS)
def test_it_keeps_the_contract(check, write):
    options = {"slice_feature": "raptor", "planes": "all", "pixels": 64}
    file = write(VIT)

    def made():
        return make(VIT, file, **options)

    encoder = made()
    encoder.load()
    CHECKS[check](Subject(encoder, made, [made_up_scan(seed=seed) for seed in (1, 5)]))
