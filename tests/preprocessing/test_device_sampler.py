import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from mmfeat.preprocessing import device_steps
from mmfeat.preprocessing.device_sampler import DeviceSampler
from mmfeat.preprocessing.grids import spacing_grid
from mmfeat.preprocessing.sampler import NumpySampler, Sampler
from mmfeat.volumes import Volume

WINDOW_HU = (-1000.0, 1000.0)
OF_THE_WINDOW = 1e-6


def windows(sampler: Sampler, volume: Volume) -> list[np.ndarray]:
    """What each step makes of a volume."""
    grid = spacing_grid(volume, (1.5, 1.1, 2.3))
    written = np.zeros(grid.shape, np.float32)
    sampler.write_window(volume, grid, window_hu=WINDOW_HU, out=written)
    crop = sampler.foreground_window(volume, grid, above_hu=600, window_hu=WINDOW_HU)
    assert crop is not None
    return [written, crop, sampler.average_towards(volume, (3.0, 2.0, 2.0)).hu / 2000]


@pytest.fixture
def noise(make_volume):
    return make_volume((9, 14, 17), (1.3, 0.9, 0.8), turn_deg=(9, 5, 7))


def test_every_step_gives_what_numpy_gives(noise):
    ours, theirs = (
        windows(DeviceSampler(torch.device("cpu")), noise),
        windows(NumpySampler(), noise),
    )
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, atol=OF_THE_WINDOW)


def test_a_volume_without_foreground_has_none(noise):
    grid = spacing_grid(noise, (2.0, 2.0, 2.0))
    for sampler in (DeviceSampler(torch.device("cpu")), NumpySampler()):
        asked = {"above_hu": 40_000, "window_hu": WINDOW_HU}
        assert sampler.foreground_window(noise, grid, **asked) is None


def test_many_threads_get_what_one_gets(noise):
    sampler = DeviceSampler(torch.device("cpu"))
    expected = windows(sampler, noise)
    with ThreadPoolExecutor(6) as pool:
        for found in pool.map(lambda _: windows(sampler, noise), range(12)):
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other)


def test_the_cpu_does_it_where_the_devices_memory_is_full_and_that_is_said_once(
    noise, monkeypatch, caplog
):
    def full(*_):
        raise torch.OutOfMemoryError("as a GPU says it")

    monkeypatch.setattr(device_steps, "uploaded", full)
    sampler = DeviceSampler(torch.device("cpu"))
    with caplog.at_level(logging.WARNING):
        found = windows(sampler, noise)
    for one, other in zip(found, windows(NumpySampler(), noise), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [record.message for record in caplog.records] == [
        "cpu has too little memory left to prepare a scan; the CPU does it"
    ]


def test_another_failure_is_not_hidden_and_leaves_the_device_free(noise, monkeypatch):
    sampler = DeviceSampler(torch.device("cpu"))
    for _ in range(5):  # more often than scans may be on the device at a time
        with pytest.raises(ValueError, match="spacing_mm must be above 0"):
            sampler._run(lambda: spacing_grid(noise, (0.0, 1.0, 1.0)), lambda: None)
    assert len(windows(sampler, noise)) == 3


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_gives_what_numpy_gives(noise):
    gpu = DeviceSampler(torch.device("cuda"))
    for one, other in zip(windows(gpu, noise), windows(NumpySampler(), noise), strict=True):
        np.testing.assert_allclose(one, other, atol=OF_THE_WINDOW)
