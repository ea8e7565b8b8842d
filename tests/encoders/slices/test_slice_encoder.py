"""A 2-D network that a user names, from a folder and options to a vector."""

import json
import sys

import numpy as np
import pytest
import torch
import yaml

from mmfeat import encoders
from mmfeat.encoders.slices.pooling import POOLINGS
from mmfeat.encoders.slices.slice_network import random_projection
from mmfeat.errors import EncoderError

from ..slice_folders import IMAGENET, change_json, make_network, write_folder

NAME = "transformers-slices"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("folders")
    return {
        name: write_folder(name, place / name)
        for name in ("dinov2", "siglip", "convnext", "resnet")
    }


@pytest.fixture
def make(folders):
    """A function that makes an encoder of one of the small networks."""

    def make(network="dinov2", folder=None, **options):
        return encoders.create(
            NAME, weights=folder or folders[network], device="cpu", options=options
        )

    return make


def test_the_vector_is_transformers_own_summary_averaged_over_slices(make, scan):
    encoder = make(max_slices=5)
    encoder.load()
    images = encoder.prepare(scan)
    assert images.shape == (5, 3, 28, 28)
    with torch.inference_mode():
        theirs = make_network("dinov2")(torch.from_numpy(images)).pooler_output
    vector = encoder.pool(encoder.encode(images))
    np.testing.assert_allclose(vector, theirs.mean(dim=0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("pool", POOLINGS)
@pytest.mark.parametrize(
    ("network", "slice_feature", "token_size"),
    [
        ("dinov2", "cls+patches", 48),
        ("dinov2", "raptor", 5 * 4),
        ("siglip", "pooler", 24),
        ("convnext", "patches", 16),
    ],
)
def test_sizes_are_as_stated_for_every_pooling(
    make, scan, embed, network, slice_feature, token_size, pool
):
    of_raptor = {"projections": 4} if slice_feature == "raptor" else {}
    encoder = make(
        network,
        slice_feature=slice_feature,
        pool=pool,
        planes="all",
        max_slices=3,
        mean="0.5",
        std="0.5",
        **of_raptor,
    )
    assert encoder.token_size == 3 * token_size
    assert encoder.embedding_size == encoder.token_size * POOLINGS[pool].values_per_feature
    encoder.load()
    assert embed(encoder, scan).shape == (encoder.embedding_size,)


def test_raptor_is_the_projected_mean_of_the_last_hidden_state_of_each_plane(make, scan, embed):
    encoder = make(slice_feature="raptor", projections=6, seed=2, planes="all", max_slices=4)
    encoder.load()
    images = torch.from_numpy(encoder.prepare(scan))
    network, projection = make_network("dinov2"), random_projection(24, 6, seed=2)
    with torch.inference_mode():
        planes = [
            projection.T @ network(images[:, at : at + 3]).last_hidden_state.mean(dim=0).T
            for at in (0, 3, 6)
        ]
    expected = torch.cat(planes).flatten().numpy()
    np.testing.assert_allclose(embed(encoder, scan), expected, rtol=1e-4, atol=1e-4)


def test_side_mean_and_deviation_are_those_of_the_folder_and_belong_to_the_recipe(make):
    steps = make().recipe["prepare"]
    assert steps[2]["pixels"] == 28  # of the crop, not of the size before it
    assert steps[-1] == {
        "subtract": IMAGENET["image_mean"],
        "divide_by": IMAGENET["image_std"],
        "of": "0..1",
    }
    given = make(pixels=42, mean="0.5", std="0.1, 0.2, 0.3").recipe["prepare"]
    assert given[2]["pixels"] == 42
    assert given[-1] == {"subtract": [0.5] * 3, "divide_by": [0.1, 0.2, 0.3], "of": "0..1"}


@pytest.mark.parametrize(
    ("preprocessor", "pixels"),
    [
        ({"size": 32, "crop_size": None}, 32),
        ({"size": {"height": 30, "width": 30}, "do_center_crop": False}, 30),
        ({"size": {"shortest_edge": 36}, "crop_size": 34}, 34),
        ({"size": None, "crop_size": None}, 28),  # of the network's own settings
    ],
)
def test_the_side_of_images_is_found_wherever_preprocessors_have_it(
    make, tmp_path, preprocessor, pixels
):
    folder = write_folder("dinov2", tmp_path / "folder", preprocessor=preprocessor)
    assert make(folder=folder).recipe["prepare"][2]["pixels"] == pixels


@pytest.mark.parametrize(
    ("preprocessor", "message"),
    [
        (
            {"image_mean": None},
            "does not say the mean of its channels; give the options `mean` and",
        ),
        ({"rescale_factor": 1.0}, "does not say the mean of its channels"),
        ({"do_rescale": False}, "does not say the mean of its channels"),
        ({"image_std": [0.5, 0.5]}, "takes images of 3 channels, .* give 2 standard deviations"),
        ({"image_std": [0.5, 0.0, 0.5]}, "standard deviation of a channel must be above 0"),
        ({"size": {"height": 28, "width": 30}, "crop_size": None}, "the side of its images; give"),
    ],
)
def test_what_the_folder_does_not_say_has_to_be_given(make, tmp_path, preprocessor, message):
    folder = write_folder("dinov2", tmp_path / "folder", preprocessor=preprocessor)
    with pytest.raises(EncoderError, match=message):
        make(folder=folder)


def test_a_folder_that_normalises_nothing_is_taken_at_its_word(make, tmp_path):
    folder = write_folder("dinov2", tmp_path / "folder", preprocessor={"do_normalize": False})
    assert make(folder=folder).recipe["prepare"][-1]["subtract"] == [0.0] * 3


def test_a_network_of_one_channel_takes_standardised_slices_and_no_three_windows(
    make, tmp_path, scan
):
    curia = {"crop_size": 28, "image_mean": None, "image_std": None, "size": None}
    folder = write_folder("dinov2 of one channel", tmp_path / "curia", preprocessor=curia)
    encoder = make(folder=folder, windows_hu="standardised", fit="stretch", max_slices=4)
    encoder.load()
    images = encoder.prepare(scan)
    assert images.shape == (4, 1, 28, 28)
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    assert encoder.encode(images).shape == (4, 24)
    with pytest.raises(EncoderError, match=r"takes images of 1 channels, and the options give 3 w"):
        make(folder=folder, mean="0.5", std="0.5")


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [
        ("siglip", {"slice_feature": "cls"}, "has no `cls`; it can give `pooler`, `patches`, `rap"),
        ("convnext", {"slice_feature": "cls+patches"}, r"has no `cls\+patches`; it can give"),
        ("dinov2", {"pixels": 30}, "option `pixels` must be a multiple of 14, .* got `30`"),
        ("dinov2", {"windows_hu": "40/400, 50/60"}, "3 channels, and the options give 2 windows"),
        ("dinov2", {"mean": "0.1, 0.2"}, "3 channels, and the options give 2 means"),
        ("dinov2", {"mean": "grey"}, "option `mean` must be numbers from 0 to 1, .* got `grey`"),
        ("dinov2", {"std": "0"}, "standard deviation of a channel must be above 0, got `0`"),
        ("dinov2", {"projections": 5}, "`projections` is for slice_feature `raptor`; `pooler` has"),
        ("dinov2", {"seed": 5}, "option `seed` is for slice_feature `raptor`"),
        (
            "dinov2",
            {"windows_hu": "standardised", "std": "0.5"},
            "option `std` is for windows; with windows_hu `standardised` each slice has its own",
        ),
        ("dinov2", {"windows_hu": "lungs"}, "did you mean `lung`"),
    ],
)
def test_options_that_do_not_fit_the_network_or_each_other_are_one_clear_line(
    make, network, options, message
):
    with pytest.raises(EncoderError, match=message) as caught:
        make(network, **options)
    assert "\n" not in str(caught.value)


def test_a_file_in_place_of_a_folder_and_a_missing_folder_are_one_clear_line(folders, tmp_path):
    with pytest.raises(EncoderError, match=r"safetensors: a file, and it has to be a local folder"):
        encoders.create(NAME, weights=folders["dinov2"] / "model.safetensors")
    with pytest.raises(EncoderError, match=r"lost: no such folder; it is a local folder with conf"):
        encoders.create(NAME, weights=tmp_path / "lost")
    with pytest.raises(
        EncoderError, match=r"needs its weights, a local folder .* name a local fold"
    ):
        encoders.create(NAME)
    with pytest.raises(EncoderError, match=r"dinov2: a folder, and it has to be"):
        encoders.create("ct-fm", weights=folders["dinov2"])


@pytest.mark.parametrize(("name", "package"), [(NAME, "transformers"), ("timm-slices", "timm")])
def test_without_its_package_it_says_how_to_install_it(name, package, folders, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    weights = folders["dinov2"] / ("model.safetensors" if package == "timm" else "")
    with pytest.raises(EncoderError, match=rf'pip install "mmfeat\[{package}\]"'):
        encoders.create(name, weights=weights)


def test_the_recipe_without_a_network_says_in_words_what_the_folder_will_say():
    kind = encoders.encoder_class(NAME)
    recipe = kind.recipe_of(**{key: option.default for key, option in kind.options.items()})
    steps = {key: value for step in recipe["prepare"] for key, value in step.items()}
    for key in ("pixels", "channels", "subtract", "divide_by"):
        assert steps[key] == "as the network's own files say"
    assert json.loads(json.dumps(recipe)) == recipe
    assert yaml.safe_load(yaml.safe_dump(recipe)) == recipe


def test_other_settings_in_the_folder_are_other_weights(make, tmp_path):
    folder = write_folder("dinov2", tmp_path / "folder")
    before = make(folder=folder).weights_sha256
    change_json(folder / "config.json", layer_norm_eps=1e-5)
    assert make(folder=folder).weights_sha256 != before
