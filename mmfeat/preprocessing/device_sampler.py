"""Do the heavy steps of preparing on a torch device, a GPU as a rule."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.preprocessing import device_steps
from mmfeat.preprocessing.averaging import average_towards
from mmfeat.preprocessing.grids import Grid
from mmfeat.preprocessing.sampler import NumpySampler, SpacingMm, Window
from mmfeat.volumes.volume import Volume

_logger = logging.getLogger(__name__)
_AT_ONCE = 2
"""Scans on the device at a time, one on its way and one in work; further threads wait."""

Result = TypeVar("Result")


class DeviceSampler:
    """Upload a scan's voxels as they are, compute on the device, and bring back what is left.

    Each scan has a stream of its own, so it neither waits for the network nor holds it up. Memory
    on the device: at most two scans at a time, for each ``2 bytes x voxels`` (4 if its values are
    not whole), ``4 bytes x voxels of the grid``, and a quarter of a gigabyte. Where that is not to
    be had, NumPy does it.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._numpy = NumpySampler()
        self._has_warned = False
        self._streams: SimpleQueue[torch.cuda.Stream | None] = SimpleQueue()
        for _ in range(_AT_ONCE):
            stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
            self._streams.put(stream)

    def write_window(
        self, volume: Volume, grid: Grid, *, window_hu: Window, out: NDArray[np.float32]
    ) -> None:
        """See `Sampler`."""

        def on_device() -> None:
            values = device_steps.sampled(volume.hu, grid, self._device)
            out[...] = device_steps.downloaded(device_steps.scaled(values, window_hu))

        self._run(
            on_device,
            lambda: self._numpy.write_window(volume, grid, window_hu=window_hu, out=out),
        )

    def foreground_window(
        self, volume: Volume, grid: Grid, *, above_hu: float, window_hu: Window
    ) -> NDArray[np.float32] | None:
        """See `Sampler`."""

        def on_device() -> NDArray[np.float32] | None:
            values = device_steps.sampled(volume.hu, grid, self._device)
            box = device_steps.foreground_box(values, above_hu)
            if box is None:
                return None
            return device_steps.downloaded(device_steps.scaled(values[box], window_hu))

        return self._run(
            on_device,
            lambda: self._numpy.foreground_window(
                volume, grid, above_hu=above_hu, window_hu=window_hu
            ),
        )

    def average_towards(self, volume: Volume, spacing_mm: SpacingMm) -> Volume:
        """See `Sampler`."""
        return self._run(
            lambda: average_towards(
                volume,
                spacing_mm,
                block_means=lambda hu, factors: device_steps.downloaded(
                    device_steps.block_means(hu, factors, self._device)
                ),
            ),
            lambda: self._numpy.average_towards(volume, spacing_mm),
        )

    def _run(self, on_device: Callable[[], Result], on_cpu: Callable[[], Result]) -> Result:
        """Compute on a stream that is free; on the CPU where the device's memory is too small.

        What ``on_device`` returns is downloaded, so the stream has nothing left to do.
        """
        stream = self._streams.get()
        try:
            with torch.inference_mode(), torch.cuda.stream(stream) if stream else nullcontext():
                return on_device()
        except torch.OutOfMemoryError:
            if not self._has_warned:
                self._has_warned = True
                _logger.warning(
                    "%s has too little memory left to prepare a scan; the CPU does it", self._device
                )
        finally:
            self._streams.put(stream)
        return on_cpu()
