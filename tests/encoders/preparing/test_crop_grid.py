"""SPECTRE's crops are those of its authors' chain, re-expressed in MONAI."""

import dataclasses

import numpy as np
import pytest
from monai.transforms import (
    CenterSpatialCrop,
    Compose,
    GridPatch,
    Orientation,
    ScaleIntensityRange,
    Spacing,
    SpatialPad,
)

from mmfeat.encoders.recipes.package_recipes import SPECTRE, SPECTRE_CROPS
from mmfeat.preprocessing.sampler import NumpySampler

CROP = (128, 128, 64)
OF_THE_WINDOW = 1e-3
"""Largest difference to the authors' chain, where the intensity window is 0..1."""
BEFORE = Compose(
    [
        Orientation("RAS", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
        ScaleIntensityRange(-1000, 1000, 0, 1, clip=True),
    ]
)


def _prepare(kind, scan, spacing="native"):
    (preparation,) = kind.model.preparations.values()
    chosen = preparation.changed({"spacing": spacing})
    return chosen.prepare(scan, NumpySampler())


def _theirs(image, lowest=0.0):
    padded = SpatialPad(CROP, value=lowest)(image)
    size = [n // crop * crop for n, crop in zip(padded.shape[1:], CROP, strict=True)]
    cut = CenterSpatialCrop(size)(padded)
    return GridPatch(CROP)(cut).as_tensor().numpy(), cut.as_tensor().numpy()


def test_the_crops_are_those_of_the_authors_chain(any_scan, as_monai):
    crops, whole = _theirs(BEFORE(as_monai(any_scan)))
    ours = _prepare(SPECTRE_CROPS, any_scan)
    assert ours.shape == crops.shape
    np.testing.assert_allclose(ours, crops, atol=OF_THE_WINDOW)
    np.testing.assert_allclose(_prepare(SPECTRE, any_scan), whole[None], atol=OF_THE_WINDOW)


@pytest.mark.parametrize("spacing_mm", [(0.5, 0.5, 1.0), (0.75, 0.75, 1.5)])
def test_a_scan_is_clipped_before_it_is_resampled(spacing_mm, make_scan, as_monai):
    scan = make_scan((15, 50, 61), (2.5, 1.9, 2.1))  # it has metal and a padding value
    image = Spacing(spacing_mm, mode="bilinear")(BEFORE(as_monai(scan)))
    crops, _ = _theirs(image, lowest=float(image.min()))
    ours = _prepare(SPECTRE_CROPS, scan, " x ".join(f"{mm:g}" for mm in spacing_mm))
    assert ours.shape == crops.shape
    np.testing.assert_allclose(ours, crops, atol=OF_THE_WINDOW)


def test_the_last_axis_of_the_grid_is_the_fastest(make_scan):
    scan = make_scan((130, 129, 260), (1.0, 1.0, 1.0))  # two crops along right, two along superior
    crops, (whole,) = _prepare(SPECTRE_CROPS, scan), _prepare(SPECTRE, scan)
    assert crops.shape == (4, 1, *CROP)
    assert whole.shape == (1, 256, 128, 128)
    np.testing.assert_array_equal(crops[1, 0], whole[0, :128, :, 64:])
    np.testing.assert_array_equal(crops[2, 0], whole[0, 128:, :, :64])


def test_the_spacing_is_in_the_recipe_with_what_comes_with_it():
    (preparation,) = SPECTRE.model.preparations.values()
    native = preparation.steps()
    resampled = dataclasses.replace(preparation, spacing="0.5 x 0.5 x 1").steps()
    assert not [step for step in native if "resample_mm" in step]
    assert [next(iter(step)) for step in resampled][:4] == [
        "orient",
        "clip_hu",
        "resample_mm",
        "scale_hu_to_0_1",
    ]
    assert SPECTRE.model.preparations["any"].size is None
    assert SPECTRE_CROPS.model.preparations["any"].size == CROP
