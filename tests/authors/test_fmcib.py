"""FMCIB's encoder and its cube are those of the authors' package fmcib."""

import dataclasses

import numpy as np
import pytest
from monai.transforms import LoadImaged

from mmfeat.volumes import read_volume

from ..encoders.random_tensors import random_tensors
from .networks import fmcib, fmcib_shapes
from .packages import of_authors

preprocessing = of_authors("fmcib.preprocessing")

pytestmark = pytest.mark.filterwarnings("ignore")
OF_THE_SCALE = 5e-6
"""Largest difference to the authors' chain, where 3072 HU are 1."""


def test_the_vector_is_that_of_the_authors_loader_from_the_same_file(publish, loaded, image, given):
    state = random_tensors(fmcib_shapes().state_dict(), seed=1)
    file = publish("model_weights.torch", {"trunk_state_dict": state})
    windows = image(2, 50, 50, 50)
    theirs = given(fmcib(file), windows)
    ours = loaded("fmcib", file).encode(windows)
    assert ours.shape == (2, 4096)
    assert theirs.std() > 0.01
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("share", [(0.5, 0.5, 0.5), (0.3, 0.7, 0.98)])
def test_the_cube_is_that_of_the_authors_own_transforms(scan_file, share, unloaded, monkeypatch):
    volume = read_volume(scan_file)
    index = np.array(share) * (np.array(volume.hu.shape) - 1)
    x, y, z = (volume.affine @ [*index, 1.0])[:3].tolist()
    monkeypatch.setattr(preprocessing.monai_transforms, "LoadImaged", _without_itk)
    row = {"image_path": str(scan_file), "coordX": -x, "coordY": -y, "coordZ": z}
    theirs = preprocessing.preprocess(row)
    encoder = unloaded("fmcib")
    ours = encoder.prepare(dataclasses.replace(volume, point_mm=(x, y, z)))[0]
    assert ours.shape == tuple(theirs.shape) == (1, 50, 50, 50)
    np.testing.assert_allclose(ours, theirs.numpy(), atol=OF_THE_SCALE)


def _without_itk(keys, image_only, reader):
    """Read with NiBabel, which gives the same array: ITK is some hundred megabytes."""
    assert reader == "ITKReader"
    return LoadImaged(keys, image_only=image_only)
