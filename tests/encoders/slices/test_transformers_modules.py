"""Networks of transformers: the same numbers as by transformers itself, and strict loading."""

import pickle
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file

from mmfeat.encoders.slices.transformers_folder import TransformersFolder
from mmfeat.encoders.slices.transformers_modules import load, settings_of, shapes_of
from mmfeat.errors import EncoderError

from ..slice_folders import NETWORKS, change_json, make_network, rewrite_weights, write_folder
from .test_transformers_folder import split


@pytest.fixture
def dinov2(tmp_path):
    return write_folder("dinov2", tmp_path / "dinov2")


def images(side: int, n: int = 2) -> torch.Tensor:
    return torch.from_numpy(
        np.random.default_rng(1).standard_normal((n, 3, side, side), np.float32)
    )


def outputs(network, pixel_values):
    """What transformers itself gives; of a model of images and texts, its vision tower."""
    tower = getattr(network, "vision_model", network)
    with torch.inference_mode():
        return tower(pixel_values)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_tokens_are_transformers_own(name, tmp_path):
    side = NETWORKS[name][3]
    folder = TransformersFolder(write_folder(name, tmp_path / "folder"))
    seen = images(side)[:, : settings_of(folder).num_channels]
    theirs = outputs(make_network(name), seen)
    with torch.inference_mode():
        ours = load(folder, "pooler").eval()(seen)
    tokens = theirs.last_hidden_state
    if tokens.ndim == 4:
        tokens = tokens.flatten(2).mT
    torch.testing.assert_close(torch.cat([ours.special, ours.patches], dim=1), tokens)
    torch.testing.assert_close(ours.pooled, theirs.pooler_output.flatten(1))
    shapes = shapes_of(folder, side)
    for one, other in ((shapes.special, ours.special), (shapes.patches, ours.patches)):
        assert one.shape[1:] == other.shape[1:]


@pytest.mark.parametrize(
    ("name", "n_special", "n_patches"),
    [
        ("dinov2", 1, 4),
        ("dinov2 with registers", 5, 4),
        ("dinov3", 5, 4),
        ("dinov3 convnext", 1, 4),
        ("vit", 1, 4),
        ("clip", 1, 4),
        ("siglip", 0, 4),
        ("swin", 0, 16),
        ("convnext", 0, 4),
    ],
)
def test_how_many_tokens_stand_before_the_patches(name, n_special, n_patches, tmp_path):
    folder = TransformersFolder(write_folder(name, tmp_path / "folder"))
    tokens = shapes_of(folder, NETWORKS[name][3])
    assert (tokens.special.shape[1], tokens.patches.shape[1]) == (n_special, n_patches)


@pytest.mark.parametrize("name", ["dinov2", "dinov3", "vit", "clip vision", "siglip vision"])
def test_images_of_another_side_have_their_position_embeddings_interpolated(name, tmp_path):
    folder = TransformersFolder(write_folder(name, tmp_path / "folder"))
    network = make_network(name)
    named = {} if name.startswith("dino") else {"interpolate_pos_encoding": True}
    with torch.inference_mode():
        theirs = network(images(56), **named).pooler_output
        ours = load(folder, "pooler").eval()(images(56)).pooled
    torch.testing.assert_close(ours, theirs)
    assert shapes_of(folder, 56).patches.shape[1] == 16


def test_a_vit_of_a_classifier_gives_tokens_without_classifier_and_without_a_pooler(tmp_path):
    def as_classifier(network):
        larger = transformers.ViTForImageClassification(network.config)
        larger.vit.load_state_dict(network.state_dict(), strict=False)
        return larger

    folder = TransformersFolder(write_folder("vit", tmp_path / "vit", saved=as_classifier))
    assert "classifier.weight" in load_file(folder.weights[0])
    with torch.inference_mode():
        tokens = load(folder, "cls")(images(28))
    assert tokens.pooled is None
    theirs = outputs(make_network("vit"), images(28)).last_hidden_state
    torch.testing.assert_close(tokens.special[:, 0], theirs[:, 0])
    with pytest.raises(
        EncoderError, match=r"missing: pooler\.dense\.bias.* take another `slice_fe"
    ):
        load(folder, "pooler")


def test_weights_in_half_precision_in_parts_and_as_a_pickle_are_loaded_as_float32(dinov2, tmp_path):
    whole = load(TransformersFolder(dinov2), "pooler")
    halves = write_folder("dinov2", tmp_path / "halves", saved=lambda network: network.half())
    with torch.inference_mode():
        half = load(TransformersFolder(halves), "pooler")(images(28)).pooled
        expected = whole(images(28)).pooled
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, expected, rtol=1e-2, atol=1e-2)
    state = load_file(dinov2 / "model.safetensors")
    split(dinov2)
    with torch.inference_mode():
        torch.testing.assert_close(
            load(TransformersFolder(dinov2), "pooler")(images(28)).pooled, expected
        )
    (dinov2 / "model.safetensors.index.json").unlink()
    torch.save(state, dinov2 / "pytorch_model.bin")
    with torch.inference_mode():
        torch.testing.assert_close(
            load(TransformersFolder(dinov2), "pooler")(images(28)).pooled, expected
        )


def test_a_counter_of_positions_in_older_files_is_left_out(tmp_path):
    folder = write_folder("clip", tmp_path / "clip")
    rewrite_weights(
        folder,
        lambda state: state.update({"vision_model.embeddings.position_ids": torch.arange(5)[None]}),
    )
    load(TransformersFolder(folder), "pooler")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("layernorm.weight"), "missing: layernorm.weight; give the folder"),
        (
            lambda state: state.update(extra=torch.zeros(1)),
            "unexpected: extra; give the folder as it was published",
        ),
        (
            lambda state: state.update({"layernorm.weight": torch.zeros(7)}),
            "of another shape: layernorm.weight 7 instead of 24;",
        ),
    ],
)
def test_every_tensor_has_to_fit(dinov2, change, message, capfd):
    rewrite_weights(dinov2, change)
    with pytest.raises(EncoderError, match=f"not the weights of this encoder: {message}"):
        load(TransformersFolder(dinov2), "pooler")
    assert capfd.readouterr() == ("", "")  # transformers reports nothing beside


class Touch:
    """A pickle of this makes a file when it is read by anything that runs code."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self):
        return (Path.touch, (self._file,))


def test_a_pickle_with_code_is_refused_and_not_run(dinov2, tmp_path):
    (dinov2 / "model.safetensors").unlink()
    torch.save({"a": Touch(tmp_path / "ran")}, dinov2 / "pytorch_model.bin")
    with pytest.raises(EncoderError, match="holds more than tensors, which could run code"):
        load(TransformersFolder(dinov2), "pooler")
    with (dinov2 / "pytorch_model.bin").open("wb") as file:
        pickle.dump(Touch(tmp_path / "ran"), file, protocol=2)
    with pytest.raises(EncoderError, match="could run code"):
        load(TransformersFolder(dinov2), "pooler")
    assert not (tmp_path / "ran").exists()


def test_a_torn_file_is_one_clear_line(dinov2):
    file = dinov2 / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(
        EncoderError, match=r"model\.safetensors: torn or damaged \(.*; download it"
    ):
        load(TransformersFolder(dinov2), "pooler")


@pytest.mark.parametrize("values", [{"hidden_size": "wide"}, {"patch_size": 40}])
def test_damaged_settings_are_one_clear_line(dinov2, values):
    change_json(dinov2 / "config.json", **values)
    with pytest.raises(EncoderError, match=r"makes no Dinov2Model of it|takes no image of 28 x 28"):
        shapes_of(TransformersFolder(dinov2), 28)


def test_what_a_folder_does_not_say_has_transformers_own_defaults(tmp_path):
    folder = write_folder("siglip", tmp_path / "siglip")
    change_json(folder / "config.json", vision_config={"image_size": 448})
    settings = settings_of(TransformersFolder(folder))
    assert (settings.hidden_size, settings.image_size, settings.patch_size) == (768, 448, 16)


def test_nothing_is_asked_of_a_network(dinov2, monkeypatch):
    def refused(*arguments, **named):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    load(TransformersFolder(dinov2), "pooler")


def test_loading_leaves_the_random_state_alone(dinov2):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    load(TransformersFolder(dinov2), "pooler")
    torch.testing.assert_close(torch.rand(3), expected)
