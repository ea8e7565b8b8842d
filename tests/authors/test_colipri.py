"""COLIPRI's encoder and its preparation are those of the authors' package colipri."""

import numpy as np
import pytest
import torch

from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build
from mmfeat.volumes import read_volume

from ..encoders.random_tensors import random_tensors
from .networks import colipri, colipri_shapes
from .packages import of_authors

checkpoint = of_authors("colipri.checkpoint")
instantiate = of_authors("hydra.utils").instantiate
tio = of_authors("torchio")

pytestmark = pytest.mark.filterwarnings("ignore")
SIZES = {"input_size": 48, "image_embed_dim": 216, "projection_dim": 192}
SMALL = {"width": 192, "shrink": 4}
"""The same network in our options."""
ONE_HU = 1e-3
"""A Hounsfield unit, where -1000 to 1000 HU are -1 to 1."""


def _transform(orientation: str):
    config = checkpoint._load_config(overrides=[f"orientation={orientation}"])
    return instantiate(config.processor.image_transform)


def test_the_vector_is_the_packages_pooled_and_projected_one(publish, loaded, image, given):
    state = random_tensors(colipri_shapes(**SIZES).state_dict(), seed=1)
    published = {f"image_encoder.{key}": value for key, value in state.items()}
    published["text_encoder.projector.weight"] = torch.zeros(3, 2)
    published["softmax_temperature"] = torch.tensor(1.0)
    file = publish("model.safetensors", published)
    windows = 2 * image(2, 48, 48, 48) - 1
    theirs = given(colipri(file, **SIZES), windows)
    ours = loaded("colipri", file, **SMALL).encode(windows)
    assert ours.shape == (2, 192)
    assert ours.std() > 0.01
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_the_published_size_wants_the_names_and_shapes_of_the_package():
    kind = encoder_class("colipri")
    encoder = build(kind.model.network, kind.model.network.width, (192, 192, 192)).encoder
    ours, theirs = (
        {key: value.shape for key, value in module.state_dict().items()}
        for module in (encoder, colipri_shapes())
    )
    assert ours == theirs
    assert sum(value.numel() for value in encoder.parameters()) == kind.facts.n_parameters


def test_the_packages_default_axes_are_ours():
    assert checkpoint._load_config().orientation == encoder_class("colipri").options["axes"].default


@pytest.mark.parametrize("axes", ["RAS", "SAR"])
def test_the_window_is_that_of_the_packages_transform_of_the_same_numbers(
    unloaded, scan_file, axes
):
    stored = tio.ScalarImage(scan_file)
    theirs = _transform(axes)(tio.ScalarImage(tensor=stored.data.float(), affine=stored.affine))
    ours = unloaded("colipri", axes=axes).prepare(read_volume(scan_file))[0]
    assert ours.shape == theirs.data.shape == (1, 192, 192, 192)
    np.testing.assert_allclose(ours, theirs.data.numpy(), atol=2e-4)


def test_of_a_file_of_whole_numbers_the_package_cuts_off_the_fractions(unloaded, scan_file):
    """It resamples whole numbers to whole numbers, which are less than one unit from ours."""
    theirs = _transform("RAS")(tio.ScalarImage(scan_file)).data.numpy()
    ours = unloaded("colipri").prepare(read_volume(scan_file))[0]
    difference = np.abs(ours - theirs)
    assert 0.1 * ONE_HU < difference.max() <= 1.01 * ONE_HU
