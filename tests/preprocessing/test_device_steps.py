"""On torch's CPU, which has the arithmetic of a GPU up to rounding; no GPU is needed."""

import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.preprocessing import device_steps
from mmfeat.preprocessing.averaging import block_means
from mmfeat.preprocessing.foreground import foreground_box
from mmfeat.preprocessing.grids import Grid, spacing_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampling import sample
from mmfeat.volumes import Volume

from .orientations import ORIENTATIONS, stored_as

CPU = torch.device("cpu")
SAME_HU = 1e-3
"""Of a window of 2,000 HU half a millionth."""


@pytest.fixture(params=["at once", "in parts"], autouse=True)
def parts(request, monkeypatch):
    """Do everything twice: as it is, and in parts so small that each volume has many."""
    if request.param == "in parts":
        monkeypatch.setattr(device_steps, "_PART_VOXELS", 1500)
        monkeypatch.setattr(device_steps, "_UPLOAD_BYTES", 3000)


@pytest.mark.parametrize(
    ("axes", "spacing_mm"),
    [("RAS", (1.5, 1.5, 3.0)), ("SPL", (3.0, 1.0, 1.0)), ("PIR", (4.0, 7.0, 2.0))],
)
def test_values_are_those_of_numpy(volume, axes, spacing_mm):
    turned = reorient(volume, axes)
    grid = spacing_grid(turned, spacing_mm)
    ours = device_steps.downloaded(device_steps.sampled(turned.hu, grid, CPU))
    assert ours.dtype == np.float32
    assert ours.flags.c_contiguous
    np.testing.assert_allclose(ours, sample(turned, grid).hu, atol=SAME_HU)


@pytest.mark.parametrize("tilt_deg", [0, 14])
@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_any_order_of_axes_gives_the_values_of_numpy(make_volume, axes, tilt_deg):
    volume = make_volume((9, 14, 17), (2.7, 0.9, 0.8), turn_deg=(9, 5, 7), gantry_tilt_deg=tilt_deg)
    turned = reorient(stored_as(volume, axes), "RAS")
    grid = spacing_grid(turned, (1.5, 1.1, 2.3))
    ours = device_steps.sampled(turned.hu, grid, CPU).numpy()
    np.testing.assert_allclose(ours, sample(turned, grid).hu, atol=SAME_HU)


@pytest.mark.parametrize("slant", [0.0, 0.25])
@pytest.mark.parametrize("start", [-30.0, -1.5, 3.25, 40.0])
def test_beyond_the_edge_the_edge_goes_on(make_volume, slant, start):
    volume = make_volume((9, 14, 17), (2.0, 1.0, 1.0))
    to_source = np.diag([0.7, 1.9, 1.0, 1.0])
    to_source[:3, 3], to_source[2, 0] = (start, 2.0, start), slant
    grid = Grid((8, 6, 11), to_source, to_source)
    ours = device_steps.sampled(volume.hu, grid, CPU).numpy()
    np.testing.assert_allclose(ours, sample(volume, grid).hu, atol=SAME_HU)


@pytest.mark.parametrize("slant", [0.0, 0.25])
def test_neighbours_further_apart_than_int16_reaches_are_blended_right(slant):
    hu = np.array([-32768, 32767] * 4, np.int16).reshape(2, 2, 2)
    to_source = np.eye(4)
    to_source[2, 2], to_source[2, 0] = 0.25, slant
    ours = device_steps.sampled(hu, Grid((2, 2, 5), to_source, to_source), CPU).numpy()
    share = np.clip(slant * np.arange(2)[:, None] + 0.25 * np.arange(5), 0, 1)
    np.testing.assert_allclose(ours[:, 0], -32768 + 65535 * share, rtol=1e-6, atol=0.01)


@pytest.mark.parametrize("tilt_deg", [0, 14])
def test_int16_gives_the_numbers_of_float32_and_the_volume_is_left_as_it_is(make_volume, tilt_deg):
    volume = make_volume((9, 14, 17), (2.7, 0.9, 0.8), gantry_tilt_deg=tilt_deg)
    as_float = volume.hu.astype(np.float32)
    as_float.flags.writeable = False
    grid = spacing_grid(volume, (1.3, 1.2, 1.4))
    ours, theirs = (device_steps.sampled(hu, grid, CPU) for hu in (volume.hu, as_float))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("axes", ["RAS", "SPL", "AIL"])
@pytest.mark.parametrize("factors", [(1, 1, 2), (2, 3, 1), (4, 2, 5)])
def test_means_of_blocks_are_those_of_numpy(make_volume, axes, factors):
    hu = reorient(make_volume((9, 14, 17), (2.7, 0.9, 0.8)), axes).hu
    ours = device_steps.downloaded(device_steps.block_means(hu, factors, CPU))
    np.testing.assert_allclose(ours, block_means(hu, factors), atol=SAME_HU)


@pytest.mark.parametrize("above", [0.0, -100.5, 4000.0])
def test_the_box_of_the_foreground_is_that_of_numpy(above):
    hu = np.full((7, 8, 9), -1000, np.float32)
    hu[2:4, 5, 1:8] = 3000
    hu[4, 6, 3] = -50
    assert device_steps.foreground_box(torch.from_numpy(hu), above) == foreground_box(hu, above)


def test_a_window_is_scaled_as_by_numpy(make_volume):
    hu = make_volume((9, 14, 17), (2.7, 0.9, 0.8)).hu.astype(np.float32)
    ours = device_steps.scaled(torch.from_numpy(hu.copy()), (-1024, 2048)).numpy()
    np.testing.assert_allclose(ours, scale_window(hu, (-1024, 2048)), atol=2e-7)


@pytest.mark.parametrize("tilt_deg", [0, 14])
def test_only_what_a_grid_needs_is_uploaded(make_volume, monkeypatch, tilt_deg):
    whole = make_volume((64, 64, 64), (1, 1, 1), gantry_tilt_deg=tilt_deg)
    volume = dataclasses.replace(whole, hu=np.zeros((64, 64, 64), np.int16))
    grid = spacing_grid(volume, (2.0, 2.0, 2.0)).cropped((slice(0, 5), slice(0, 9), slice(3, 7)))
    sizes, upload = [], device_steps.uploaded
    monkeypatch.setattr(
        device_steps, "uploaded", lambda hu, device: (sizes.append(hu.size), upload(hu, device))[1]
    )
    assert device_steps.sampled(volume.hu, grid, CPU).shape == grid.shape
    assert sizes[0] < 11 * 22 * 12


def test_a_flipped_view_is_uploaded_as_it_reads():
    hu = np.arange(24, dtype=np.int16).reshape(2, 3, 4)[::-1, :, ::-1]
    assert device_steps.uploaded(hu, CPU).tolist() == hu.tolist()
    assert device_steps.uploaded(Volume(hu, np.eye(4)).hu, CPU).dtype == torch.int16
