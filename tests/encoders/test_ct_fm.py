"""CT-FM's recipes are the authors' own, and its weights load from both files they publish."""

import numpy as np
import pytest
import torch
from monai.inferers import SlidingWindowSplitter
from monai.networks.nets.segresnet_ds import SegResEncoder
from monai.transforms import (
    Compose,
    CropForegroundd,
    Orientationd,
    ScaleIntensityRanged,
    Spacingd,
)
from safetensors.torch import save_file

from mmfeat import encoders
from mmfeat.errors import EncoderError, VolumeError
from mmfeat.volumes import Volume

from .published_weights import encoder_alone, segresnet_state

WIDTH = 2
"""Of the small network whose weights are made up."""
OF_THE_WINDOW = 1e-3
"""Largest difference to the authors' chain, where the intensity window is 0..1."""
ORIENT = Orientationd("image", "SPL", labels=(("L", "R"), ("P", "A"), ("I", "S")))
SPACE = Spacingd("image", (3, 1, 1), mode="bilinear")
CROP = CropForegroundd("image", source_key="image", allow_smaller=False)
SCALE = ScaleIntensityRanged("image", -1024, 2048, 0, 1, clip=True)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    file = tmp_path_factory.mktemp("ct-fm") / "model.safetensors"
    save_file(encoder_alone(segresnet_state()), file)
    return file


@pytest.fixture
def make(weights):
    def make(file=weights, **options):
        return encoders.create(
            "ct-fm", weights=file, device="cpu", options={"width": WIDTH, **options}
        )

    return make


def test_the_repo_recipe_gives_the_windows_of_the_authors_script(make, any_scan, as_monai):
    chain = Compose([ORIENT, SPACE, CROP, SCALE])
    image = chain({"image": as_monai(any_scan)})["image"].as_tensor()
    splitter = SlidingWindowSplitter((24, 128, 128), 0.0)
    theirs = np.stack([window[0].numpy() for window, _ in splitter(image[None])])
    ours = make().prepare(any_scan)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_overlapping_windows_are_those_of_the_authors_other_script(make, make_scan, as_monai):
    scan = make_scan((60, 170, 190), (2.0, 1.2, 1.2))
    chain = Compose([ORIENT, SPACE, CROP, SCALE])
    image = chain({"image": as_monai(scan)})["image"].as_tensor()
    splitter = SlidingWindowSplitter((24, 128, 128), 0.625)
    theirs = np.stack([window[0].numpy() for window, _ in splitter(image[None])])
    ours = make(overlap=0.625).prepare(scan)
    assert len(ours) > len(make().prepare(scan)) > 1
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_the_card_recipe_is_the_whole_scan_at_its_own_spacing(make, any_scan, as_monai):
    chain = Compose([ORIENT, SCALE, CROP])
    theirs = chain({"image": as_monai(any_scan)})["image"].as_tensor()[None].numpy()
    ours = make(recipe="card").prepare(any_scan)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)


def test_the_vector_is_the_mean_over_windows_of_the_last_levels_mean(make, make_scan):
    scan = make_scan((60, 150, 160), (2.0, 1.2, 1.2))
    encoder = make()
    encoder.load()
    windows = encoder.prepare(scan)
    network = SegResEncoder(in_channels=1, blocks_down=(1, 2, 2, 4, 4), init_filters=WIDTH).eval()
    network.load_state_dict(encoder_alone(segresnet_state()), strict=True)
    with torch.inference_mode():
        levels = [network(torch.from_numpy(window)[None])[-1] for window in windows]
    theirs = torch.stack([level.mean(dim=(0, 2, 3, 4)) for level in levels]).mean(dim=0)
    ours = encoder.pool(encoder.encode(windows))
    assert len(windows) > 1
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5, atol=1e-6)


def test_the_encoder_alone_and_a_whole_segresnet_give_the_same_vector(make, tmp_path, scan, embed):
    state = segresnet_state()
    assert {key.split(".")[0] for key in state} == {"encoder", "up_layers"}
    wrapped = tmp_path / "pretrained_segresnet.torch"
    torch.save({"state_dict": state, "epoch": 3}, wrapped)
    plain = tmp_path / "plain.torch"
    torch.save(state, plain)
    expected = make()
    expected.load()
    for file in (wrapped, plain):
        encoder = make(file)
        encoder.load()
        np.testing.assert_array_equal(embed(encoder, scan), embed(expected, scan))


def test_a_window_is_72_by_128_by_128_mm(make, make_scan):
    scan = make_scan((24, 64, 64), (3.0, 2.0, 2.0))
    assert make().prepare(scan).shape == (1, 1, 24, 128, 128)


@pytest.mark.parametrize(("recipe", "hu"), [("repo", -50.0), ("repo", 0.0), ("card", -1024.0)])
def test_a_scan_without_foreground_is_refused_with_the_value_that_is_missing(make, recipe, hu):
    empty = Volume(np.full((8, 9, 10), hu, np.float32), np.eye(4))
    limit = {"repo": "0 HU", "card": "-1024 HU"}[recipe]
    with pytest.raises(VolumeError, match=f"nothing is above {limit}, and this encoder crops to"):
        make(recipe=recipe).prepare(empty)


def test_an_overlap_of_the_card_recipe_is_refused(make):
    with pytest.raises(EncoderError, match="`overlap` is for recipe `repo`; `card` has none"):
        make(recipe="card", overlap=0.625)


def test_the_recipes_differ_in_steps_and_order(make):
    steps = {
        name: [next(iter(step)) for step in make(recipe=name).recipe["prepare"]]
        for name in ("repo", "card")
    }
    assert steps == {
        "repo": ["orient", "resample_mm", "crop_to_hu_above", "scale_hu_to_0_1", "windows"],
        "card": ["orient", "crop_to_hu_above", "scale_hu_to_0_1"],
    }


def test_weights_of_another_width_are_refused_by_name(weights):
    encoder = encoders.create("ct-fm", weights=weights, device="cpu")
    with pytest.raises(EncoderError, match=r"of another shape: conv_init\.weight 2 x 1 x 3 x 3"):
        encoder.load()


def test_the_size_of_the_vector_follows_from_the_width(make):
    assert encoders.encoder_class("ct-fm").embedding_size == 512
    assert make(width=32).embedding_size == 512
    assert make(width=4).embedding_size == 64


def test_only_scans_as_a_whole_go_through_the_network_alone(make):
    assert make(recipe="card").windows_alone
    assert not make(recipe="repo").windows_alone
