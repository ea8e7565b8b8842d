"""Merlin's encoder and its preparation are those of the authors' package merlin-vlm."""

import numpy as np
import pytest
import torch

from mmfeat.volumes import read_volume

from ..encoders.random_tensors import random_tensors
from .networks import MERLIN_PREFIX, merlin, merlin_shapes
from .packages import file_of_authors, of_authors

of_authors("merlin.models.i3res")
monai_transforms = file_of_authors("merlin", "data/monai_transforms.py")

pytestmark = pytest.mark.filterwarnings("ignore")
OF_THE_WINDOW = 1e-3
"""Largest difference to the authors' chain, where the intensity window is 0..1."""


def test_the_vector_is_what_the_authors_network_returns_as_image_embedding(
    publish, loaded, image, given
):
    state = random_tensors(merlin_shapes().state_dict(), seed=1)
    published = {f"{MERLIN_PREFIX}{key}": value for key, value in state.items()}
    published["encode_text.linear_layer.weight"] = torch.zeros(512, 768)
    file = publish("i3_resnet_clinical_longformer_best_clip.pt", published)
    windows = image(2, 48, 32, 24)
    theirs = given(merlin(file), windows)
    ours = loaded("merlin", file).encode(windows)
    assert ours.shape == (2, 2048)
    assert theirs.std() > 0.01
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_the_window_is_that_of_the_authors_own_transforms(scan_file, unloaded):
    theirs = monai_transforms.ImageTransforms({"image": str(scan_file)})["image"][None].numpy()
    ours = unloaded("merlin").prepare(read_volume(scan_file))
    assert ours.shape == theirs.shape == (1, 1, 224, 224, 160)
    np.testing.assert_allclose(ours, theirs, atol=OF_THE_WINDOW)
