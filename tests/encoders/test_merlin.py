"""Merlin's recipe is the authors' own, and its image model loads from their checkpoint."""

import numpy as np
import pytest
import torch
from monai.transforms import (
    CenterSpatialCropd,
    Compose,
    Orientationd,
    ScaleIntensityRanged,
    Spacingd,
    SpatialPadd,
)

from mmfeat import encoders
from mmfeat.errors import EncoderError

from .published_weights import SMALL_OPTIONS
from .recipe_files import published_state

OF_THE_WINDOW = 1e-3
"""Largest difference to the authors' chain, where the intensity window is 0..1."""
AUTHORS = Compose(
    [
        Orientationd("image", "RAS", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
        Spacingd("image", (1.5, 1.5, 3), mode="bilinear"),
        ScaleIntensityRanged("image", -1000, 1000, 0, 1, clip=True),
        SpatialPadd("image", (224, 224, 160)),
        CenterSpatialCropd("image", (224, 224, 160)),
    ]
)
PREFIX = "encode_image.i3_resnet."


def _loaded(file, state):
    torch.save(state, file)
    encoder = encoders.create("merlin", weights=file, device="cpu", options=SMALL_OPTIONS["merlin"])
    encoder.load()
    return encoder


def test_the_window_is_that_of_the_authors_transforms(make_encoder, any_scan, as_monai):
    theirs = AUTHORS({"image": as_monai(any_scan)})["image"].as_tensor()[None].numpy()
    ours = make_encoder("merlin", loaded=False, shrink=1).prepare(any_scan)
    assert ours.shape == theirs.shape == (1, 1, 224, 224, 160)
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_what_is_outside_the_field_changes_nothing(make_encoder, make_scan):
    scan = make_scan((12, 130, 150), (5.0, 3.0, 3.1))
    encoder = make_encoder("merlin", loaded=False, shrink=1)
    expected = encoder.prepare(scan)
    scan.hu[:, :, :15] = 2000  # 150 x 3.1 mm, of which 336 mm are seen
    np.testing.assert_array_equal(encoder.prepare(scan), expected)


def test_only_the_image_models_tensors_matter_not_its_heads_nor_the_text_model(
    tmp_path, scan, embed
):
    state = published_state("merlin")[0]
    assert {f"{PREFIX}classifier.weight", "encode_text.linear_layer.weight"} < set(state)
    whole = _loaded(tmp_path / "whole.pt", state)
    backbone = {
        key: value
        for key, value in state.items()
        if key.startswith(PREFIX) and "classifier" not in key and "contrastive_head" not in key
    }
    assert len(backbone) == len(state) - 5
    bare = {key.removeprefix(PREFIX): value for key, value in backbone.items()}
    for name, part in {"backbone": backbone, "bare": bare}.items():
        other = _loaded(tmp_path / f"{name}.pt", part)
        np.testing.assert_array_equal(embed(other, scan), embed(whole, scan))


def test_a_lost_tensor_and_one_too_many_are_named(tmp_path):
    state = published_state("merlin")[0]
    del state[f"{PREFIX}layer4.0.conv2.weight"]
    state[f"{PREFIX}fc.weight"] = torch.zeros(3)
    with pytest.raises(EncoderError, match=r"missing: layer4\.0\.conv2\.weight; unexpected: fc\.w"):
        _loaded(tmp_path / "changed.pt", state)


def test_the_published_network_is_not_taken_for_a_small_one(make_encoder, tmp_path):
    torch.save(published_state("merlin")[0], tmp_path / "small.pt")
    encoder = encoders.create("merlin", weights=tmp_path / "small.pt", device="cpu")
    with pytest.raises(EncoderError, match=r"of another shape: conv1\.weight.* and \d+ more"):
        encoder.load()


def test_the_size_of_the_vector_follows_from_the_width(make_encoder):
    assert encoders.encoder_class("merlin").embedding_size == 2048
    assert make_encoder("merlin", loaded=False, width=64).embedding_size == 2048
    assert make_encoder("merlin", loaded=False, width=2).embedding_size == 64
