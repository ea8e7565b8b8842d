"""SPECTRE's networks are run, and its scans prepared, as the authors' package spectre-fm does."""

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Spacing

from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build
from mmfeat.volumes import Volume, read_volume

from ..encoders.random_tensors import random_tensors
from .conftest import REAL
from .networks import spectre_shapes
from .packages import of_authors

spectre = of_authors("spectre")
presets = of_authors("spectre.presets")

pytestmark = pytest.mark.filterwarnings("ignore")
TINY = {"width": 192}
CROP = (128, 128, 64)
OF_THE_WINDOW = 1e-3
"""Largest difference to the authors' crops, where the intensity window is 0..1."""


@pytest.fixture(scope="module")
def tiny():
    """The package's smallest model with random weights."""
    model = spectre_shapes("tiny")
    state = random_tensors(model.state_dict(), seed=1)
    model.load_state_dict(state, strict=True, assign=True)
    return model.eval()


@pytest.fixture
def published(tiny, publish):
    """A file as the authors' script for the hub writes it."""
    state = {f"model.{key}": value for key, value in tiny.state_dict().items()}
    return publish("model.safetensors", state)


@pytest.mark.parametrize("grid", [(1, 1, 1), (2, 1, 3)])
def test_a_scan_gives_the_cls_token_that_the_package_gives(tiny, published, loaded, grid):
    shape = [n * crop + extra for n, crop, extra in zip(grid, CROP, (0, 7, 5), strict=True)]
    scan = np.random.default_rng(2).normal(-200, 400, shape).astype(np.float32)
    crops, their_grid = spectre.window_scan(torch.from_numpy(scan))
    assert their_grid == grid
    theirs = tiny.extract(torch.from_numpy(scan), max_crops_per_forward=4)
    assert theirs.shape == (1 + len(crops), 192)
    encoder = loaded("spectre", published, **TINY)
    vector = encoder.pool(encoder.encode(encoder.prepare(Volume(scan, np.eye(4)))))
    assert vector.shape == (192,)
    assert vector.std() > 0.01
    np.testing.assert_allclose(vector, theirs[0].numpy(), rtol=1e-5, atol=1e-5)


def test_the_vector_of_a_real_scan_is_that_of_the_package_from_the_file_on(
    tiny, published, loaded, scan_file
):
    volume, _ = spectre.load_ct(scan_file)
    theirs = tiny.extract(volume, max_crops_per_forward=4)[0].numpy()
    encoder = loaded("spectre", published, **TINY)
    ours = encoder.pool(encoder.encode(encoder.prepare(read_volume(scan_file))))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("file", ["whole model", "backbone alone"])
def test_crops_give_what_the_package_passes_to_its_combiner(
    tiny, published, publish, loaded, file, scan_file
):
    volume, _ = spectre.load_ct(scan_file)
    crops, _ = spectre.window_scan(volume)
    with torch.inference_mode():
        tokens = tiny.backbone(crops)
    expected = torch.cat([tokens[:, 0], tokens[:, 1:].mean(dim=1)], dim=-1).numpy()
    if file == "backbone alone":
        published = publish("spectre_backbone.pt", tiny.backbone.state_dict())
    encoder = loaded("spectre-crops", published, **TINY)
    ours = encoder.encode(encoder.prepare(read_volume(scan_file)))
    assert ours.shape == (len(crops), encoder.token_size) == (len(crops), 384)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


def test_the_crops_of_a_file_are_those_of_the_package_in_its_order(unloaded, scan_file):
    theirs, grid, _ = spectre.load_and_window(scan_file)
    volume = read_volume(scan_file)
    ours, whole = (unloaded(name).prepare(volume) for name in ("spectre-crops", "spectre"))
    assert ours.shape == theirs.shape
    assert whole.shape == (1, 1, *(n * crop for n, crop in zip(grid, CROP, strict=True)))
    np.testing.assert_allclose(ours, theirs.numpy(), atol=OF_THE_WINDOW)
    again, _ = spectre.windowing.grid_patch(torch.from_numpy(whole[0]))
    np.testing.assert_array_equal(again.numpy(), ours)


def test_the_crops_of_a_file_that_is_resampled_are_those_of_the_packages_steps(
    unloaded, shared_data
):
    """Its own `resample` gives MONAI's Spacing an argument that MONAI 1.6 no longer takes."""
    file = shared_data / "ct_nifti" / REAL[0]
    volume, meta = spectre.load_ct(file)
    scaled = spectre.scale_intensity_range(volume)
    resample = Spacing(pixdim=(0.75, 0.75, 1.5), mode="bilinear")
    resampled = resample(MetaTensor(scaled, affine=torch.as_tensor(meta.affine)))
    theirs, _ = spectre.window_scan(resampled.as_tensor(), scale_intensity=False)
    ours = unloaded("spectre-crops", spacing="0.75 x 0.75 x 1.5").prepare(read_volume(file))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs.numpy(), atol=OF_THE_WINDOW)


@pytest.mark.parametrize("name", ["spectre", "spectre-crops"])
def test_the_published_size_wants_the_names_and_shapes_of_the_packages_large_model(name):
    kind = encoder_class(name)
    with torch.device("meta"):
        theirs = spectre.SpectreImageFeatureExtractor.from_pretrained(
            "spectre-large", pretrained=False
        )
    wanted = theirs if name == "spectre" else theirs.backbone
    encoder = build(kind.model.network, kind.model.network.width).encoder
    ours, expected = (
        {key: value.shape for key, value in module.state_dict().items()}
        for module in (encoder, wanted)
    )
    assert ours == expected
    assert sum(value.numel() for value in encoder.parameters()) == kind.facts.n_parameters


def test_the_packages_settings_of_its_networks_are_those_of_the_recipe():
    arguments = encoder_class("spectre").model.network.arguments
    for theirs, name in (
        (presets.BACKBONE_KWARGS, "rope_base_crops"),
        (presets.COMBINER_KWARGS, "rope_base_scan"),
    ):
        assert theirs == {
            "num_classes": 0,
            "global_pool": "",
            "pos_embed": "rope",
            "rope_kwargs": {"base": arguments[name]},
            "init_values": 1.0,
        }
