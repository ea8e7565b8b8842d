"""Whole chains of steps equal the preparations they could stand for, and the authors' own."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from mmfeat.encoders import encoder_class
from mmfeat.encoders.own.file_recipe import FileRecipe
from mmfeat.encoders.stepwise import (
    CropAbove,
    Fit,
    Intensity,
    Multiples,
    Resample,
    Slices,
    SlidingBoxes,
    Stepwise,
)
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.provenance import canonical_json

SAMPLER = NumpySampler()
CT_FM = Stepwise(
    axes="SPL",
    in_hu=(Resample((3.0, 1.0, 1.0)), CropAbove(0.0)),
    channels=(Intensity((-1024.0, 2048.0), (0.0, 1.0)),),
    cut=SlidingBoxes((24, 128, 128), last_window="padded"),
)
MERLIN = Stepwise(
    axes="RAS",
    in_hu=(Resample((1.5, 1.5, 3.0)),),
    channels=(Intensity((-1000.0, 1000.0), (0.0, 1.0)),),
    scaled=(Fit((224, 224, 160), pad_value=0.0),),
)


def _built_in(name):
    kind = encoder_class(name)
    return kind.preparation_of({key: option.default for key, option in kind.options.items()})


@pytest.mark.parametrize(("name", "stepwise"), [("ct-fm", CT_FM), ("merlin", MERLIN)])
def test_it_gives_the_windows_of_a_built_in_encoder(name, stepwise, any_scan):
    expected = _built_in(name).prepare(any_scan, SAMPLER)
    np.testing.assert_allclose(stepwise.prepare(any_scan, SAMPLER), expected, atol=2e-6)


def test_the_shipped_voxelfm_is_the_authors_chain_rewritten(any_scan):
    """Their inference code, in its order, with axes as ours."""
    turned = reorient(any_scan, "SPL")
    image = torch.from_numpy(np.array(turned.hu, np.float32)).clip(-1000, 1900)
    spacing_mm = np.round(turned.spacing_mm, 6).tolist()
    if len(set(spacing_mm)) > 1:
        edge_mm = max(min(spacing_mm), 0.75)
        shape = [round(n * mm / edge_mm) for n, mm in zip(image.shape, spacing_mm, strict=True)]
        image = interpolate(image[None, None], size=shape, mode="trilinear", align_corners=False)
        image = image[0, 0]
    for axis, n in enumerate(image.shape):
        image = image.narrow(axis, n % 14 // 2, n - n % 14)
    expected = (image + 573.8) / 461.3
    voxelfm = FileRecipe.read(Path("voxelfm")).preparation
    windows = voxelfm.prepare(any_scan, SAMPLER)
    assert windows.shape == (1, 1, *expected.shape)
    np.testing.assert_allclose(windows[0, 0], expected.numpy(), atol=1e-3)


def test_several_channels_are_scaled_each_in_its_own_way(scan):
    pillar = FileRecipe.read(Path("pillar-0-chest")).preparation
    small = dataclasses.replace(
        pillar, in_hu=(pillar.in_hu[0], Fit((None, 40, 40), -1024.0), Fit((90, None, None), -1.0))
    )
    (window,) = small.prepare(scan, SAMPLER)
    assert window.shape == (11, 90, 40, 40)
    assert window.min() >= 0
    assert window.max() <= 1
    before = np.array([0, 89])  # beyond the scan, -1 HU by their configuration
    np.testing.assert_allclose(window[0, before], (-1 + 1350) / 1500, rtol=1e-6)
    np.testing.assert_allclose(window[10, before], 1023 / 4095, rtol=1e-6)


def test_slices_are_images_of_channels(scan):
    stepwise = Stepwise(
        axes="IPL",
        in_hu=(Resample((5.0, None, None)),),
        channels=(Intensity((-1350.0, 150.0), (0.0, 1.0)), Intensity((-160.0, 240.0), (0.0, 1.0))),
        scaled=(Fit((None, 64, 64), 0.0),),
        cut=Slices(most=7),
    )
    assert stepwise.prepare(scan, SAMPLER).shape == (7, 2, 64, 64)
    assert stepwise.window_size == (64, 64)
    assert stepwise.size is None


def test_the_size_of_a_window_is_known_where_it_does_not_hang_on_the_scan():
    assert CT_FM.size == (24, 128, 128)
    assert MERLIN.size == (224, 224, 160)
    assert Stepwise("SPL", in_hu=(Multiples((14, 14, 14), "crop"),)).size is None


def test_windows_are_shrunk_for_tests():
    assert CT_FM.changed({"shrink": 2}).size == (12, 64, 64)
    assert MERLIN.changed({"shrink": 2}).size == (112, 112, 80)
    assert CT_FM.changed({}) == CT_FM


def test_its_text_is_plain_json_and_begins_with_the_axes():
    for stepwise in (CT_FM, MERLIN):
        assert json.loads(canonical_json(stepwise.steps())) == stepwise.steps()
        assert stepwise.steps()[0] == {"orient": stepwise.axes}
