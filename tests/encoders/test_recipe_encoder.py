"""Encoders whose recipe is data: their networks, weights and options are what the recipe says."""

import numpy as np
import pytest
import torch
from monai.networks.nets import SegResNet, SwinUNETR
from monai.networks.nets.vista3d import vista3d132

from mmfeat import encoders
from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build
from mmfeat.errors import EncoderError

from .random_tensors import random_tensors
from .recipe_files import SMALL_RECIPE_OPTIONS, SMALL_WIDTH, published_state, under, write_published
from .tencent_resnet import tencent_features

DOCUMENTED_MILLIONS = {
    "ct-fm": 77.76,
    "merlin": 117.37,
    "astra": 117.37,
    "vista3d": 174.95,
    "suprem-segresnet": 4.40,
    "suprem-swinunetr": 8.06,
    "swinunetr-ssl": 8.06,
    "voco-b": 18.64,
    "voco-l": 73.89,
    "voco-h": 294.86,
    "medicalnet-10": 14.36,
    "medicalnet-18": 32.99,
    "medicalnet-34": 63.30,
    "medicalnet-50": 46.16,
    "fmcib": 184.48,
    "random-segresnet": 77.76,
}
"""Of the parts that are used; of docs/encoders.md."""
WITH_FILE = [name for name in SMALL_WIDTH if encoder_class(name).weights_source is not None]
MEDICALNET = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


def _loaded(name, file, **options):
    encoder = encoders.create(
        name, weights=file, device="cpu", options=SMALL_RECIPE_OPTIONS[name] | options
    )
    encoder.load()
    return encoder


def _image(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random((1, 1, *shape), np.float32)


def _of_network(network, image: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return network(torch.from_numpy(image))


@pytest.mark.parametrize("name", SMALL_WIDTH)
def test_the_network_has_the_published_size_and_no_memory_before_its_weights(name):
    kind = encoder_class(name)
    module = build(kind.model.network, kind.model.network.width)
    n_parameters = sum(parameter.numel() for parameter in module.parameters())
    assert n_parameters == kind.facts.n_parameters
    assert n_parameters / 1e6 == pytest.approx(DOCUMENTED_MILLIONS[name], abs=0.005)
    assert {tensor.device.type for tensor in module.state_dict().values()} == {"meta"}


@pytest.mark.parametrize(
    ("depth", "n_tensors", "n_numbers"), [(10, 72, 14_361_292), (18, 102, None)]
)
def test_medicalnet_wants_as_many_tensors_as_others_counted_in_the_published_files(
    depth, n_tensors, n_numbers
):
    """From the tests of a public project that reads resnet_10_23dataset.pth and its sibling."""
    kind = encoder_class(f"medicalnet-{depth}")
    state = build(kind.model.network, kind.model.network.width).encoder.state_dict()
    assert len(state) == n_tensors
    assert n_numbers in (None, sum(value.numel() for value in state.values()))


@pytest.mark.parametrize("name", SMALL_WIDTH)
def test_the_published_network_gives_one_vector_of_the_stated_size_for_each_window(name):
    kind = encoder_class(name)
    (preparation, *_) = kind.model.preparations.values()
    module = build(kind.model.network, kind.model.network.width).eval()
    windows = torch.empty((2, 1, *preparation.size), device="meta")
    assert module(windows).shape == (2, kind.embedding_size)


@pytest.mark.parametrize("name", WITH_FILE)
def test_a_lost_tensor_and_one_too_many_in_the_published_file_are_named(name, tmp_path):
    state, wrapper = published_state(name)
    layer = next(key for key in state if "layers" in key or "layer" in key)
    lost = next(key for key in state if key.endswith("weight") and "layer" in key)
    alien = f"{layer.rpartition('.')[0]}.alien"
    state[alien] = state.pop(lost)
    torch.save({wrapper: state} if wrapper else state, tmp_path / "changed.pt")
    with pytest.raises(EncoderError, match=r"missing: \S*layer.*; unexpected: \S*alien"):
        _loaded(name, tmp_path / "changed.pt")


def test_vista3d_is_the_image_encoder_of_monais_whole_network(tmp_path):
    state, _ = published_state("vista3d")
    network = vista3d132(encoder_embed_dim=SMALL_WIDTH["vista3d"]).eval()
    network.load_state_dict(state, strict=True)
    image = _image(32, 32, 32)
    levels = _of_network(network.image_encoder.encoder, image)
    ours = _loaded("vista3d", write_published("vista3d", tmp_path / "model.pt")).encode(image)
    np.testing.assert_allclose(ours, levels[-1].mean(dim=(2, 3, 4)), rtol=1e-5, atol=1e-6)


def test_suprem_segresnet_is_the_bottleneck_of_the_network_that_segments(tmp_path):
    name = "suprem-segresnet"
    state, _ = published_state(name)
    network = SegResNet(
        init_filters=SMALL_WIDTH[name], out_channels=32, blocks_down=(1, 2, 2, 4), dropout_prob=0.0
    ).eval()
    network.load_state_dict({key.removeprefix("module."): state[key] for key in state}, strict=True)
    seen = []
    network.down_layers[-1].register_forward_hook(lambda _, __, output: seen.append(output))
    image = _image(32, 32, 32)
    _of_network(network, image)
    ours = _loaded(name, write_published(name, tmp_path / "net.pth")).encode(image)
    np.testing.assert_allclose(ours, seen[0].mean(dim=(2, 3, 4)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "prefix", "wrapper", "use_v2"),
    [
        ("swinunetr-ssl", "module.swin_vit.", "state_dict", False),
        ("swinunetr-ssl", "module.", "state_dict", False),
        ("suprem-swinunetr", "module.backbone.swinViT.", "net", False),
        ("voco-b", "swinViT.", None, True),
        ("voco-l", "module.backbone.swin_vit.", "state_dict", True),
    ],
)
def test_swin_encoders_are_the_last_level_of_a_whole_swinunetr(
    name, prefix, wrapper, use_v2, tmp_path
):
    whole = SwinUNETR(in_channels=1, out_channels=14, feature_size=12, use_v2=use_v2).eval()
    random = random_tensors(whole.swinViT.state_dict(), 0)
    whole.swinViT.load_state_dict(random, strict=True)
    published = under(prefix, random)
    if name == "swinunetr-ssl":
        published = {key.replace(".linear", ".fc"): published[key] for key in published}
    torch.save({wrapper: published} if wrapper else published, tmp_path / "published.pt")
    image = _image(32, 32, 32)
    theirs = _of_network(whole.swinViT, image)[-1].mean(dim=(2, 3, 4))
    encoder = _loaded(name, tmp_path / "published.pt", width=12)
    assert encoder.windows_alone
    assert encoder.embedding_size == theirs.shape[1] == 192
    np.testing.assert_allclose(encoder.encode(image), theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("depth", MEDICALNET)
def test_medicalnet_computes_what_tencents_network_does_to_the_last_bit(depth, tmp_path):
    name = f"medicalnet-{depth}"
    state, _ = published_state(name)
    bare = {key.removeprefix("module."): value for key, value in state.items()}
    image = _image(14, 40, 33)
    with torch.inference_mode():
        theirs = tencent_features(bare, torch.from_numpy(image), MEDICALNET[depth]).numpy()
    ours = _loaded(name, write_published(name, tmp_path / "23dataset.pth")).encode(image)
    assert np.abs(ours - theirs).max() == 0
    assert np.std(ours) > 0


def test_astra_is_merlins_network_under_the_names_of_the_whole_astra(tmp_path):
    state, _ = published_state("astra")
    prefix = "visual_encoder.model.encode_image.i3_resnet."
    tower = {
        key.removeprefix(prefix): value
        for key, value in state.items()
        if key.startswith(prefix) and "classifier" not in key and "contrastive_head" not in key
    }
    module = build(encoder_class("merlin").model.network, SMALL_WIDTH["astra"])
    module.encoder.load_state_dict(tower, strict=True, assign=True)
    image = _image(24, 24, 16)
    theirs = _of_network(module.eval(), image)
    ours = _loaded("astra", write_published("astra", tmp_path / "converted.pth")).encode(image)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_file_of_another_digest_than_the_published_is_remarked_on(tmp_path, caplog):
    _loaded("voco-b", write_published("voco-b", tmp_path / "own.pt"))
    assert "own.pt: not the file published as VoCo_B_SSL_head.pt: MD5 " in caplog.text
    assert "instead of f80c4da2" in caplog.text


def test_nothing_is_remarked_where_it_may_be_another_published_file(tmp_path, caplog):
    """Of the published files of vista3d one has a known digest, and the other has none."""
    _loaded("vista3d", write_published("vista3d", tmp_path / "own.pt"))
    assert caplog.text == ""


def test_the_control_has_the_same_weights_for_a_seed_and_others_for_another():
    image = _image(16, 32, 32)
    one, same, other = (
        _loaded("random-segresnet", None, seed=seed).encode(image) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_the_controls_weights_are_of_the_deviation_that_keeps_signals_alive():
    encoder = _loaded("random-segresnet", None, width=8)
    state = encoder._network._module.encoder.state_dict()
    kernel = state["layers.4.blocks.0.conv1.weight"]
    assert kernel.std().item() == pytest.approx((2 / kernel[0].numel()) ** 0.5, rel=0.02)
    assert state["layers.0.blocks.0.norm1.running_var"].unique().tolist() == [1.0]


def test_the_region_chooses_astras_preparation_and_is_in_its_recipe():
    kind = encoder_class("astra")
    defaults = {key: option.default for key, option in kind.options.items()}
    chest, abdomen = (kind.recipe_of(**defaults | {"region": r}) for r in ("chest", "abdomen"))
    assert chest["region"] == "chest"
    steps = [{key for step in recipe["prepare"] for key in step} for recipe in (chest, abdomen)]
    assert {"resize_voxels", "crop_to_hu_above"} < steps[0]
    assert {"resample_mm", "crop_about_centre"} < steps[1]
    assert chest["network"] == abdomen["network"]


@pytest.mark.parametrize("name", SMALL_WIDTH)
def test_facts_say_what_a_user_should_know(name):
    facts = encoder_class(name).facts
    assert facts.body
    assert facts.code_licence
    if encoder_class(name).weights_source is not None:
        assert facts.training_sets not in ("nothing", "not stated")
        assert facts.notes
        assert encoder_class(name).weights_source.licence == facts.weights_licence
