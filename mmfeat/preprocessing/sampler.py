"""The steps of preparing that pass over all voxels of a scan, whoever does them."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.averaging import average_towards
from mmfeat.preprocessing.foreground import foreground_box
from mmfeat.preprocessing.grids import Grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.memory_order import slowest_first
from mmfeat.preprocessing.sampling import sample, sampled_slices
from mmfeat.volumes.volume import Volume

Window = tuple[float, float]
SpacingMm = tuple[float, float, float]


class Sampler(Protocol):
    """Do the heavy steps of a recipe; safe to be used by many threads at once.

    Whoever does them, the numbers are the same up to rounding, so a recipe does not say who.
    """

    def write_window(
        self, volume: Volume, grid: Grid, *, window_hu: Window, out: NDArray[np.float32]
    ) -> None:
        """Sample a volume on a grid, scale a window of HU to 0..1, and write that to ``out``.

        Shape:
            - ``out``: ``grid.shape``.
        """

    def foreground_window(
        self, volume: Volume, grid: Grid, *, above_hu: float, window_hu: Window
    ) -> NDArray[np.float32] | None:
        """Sample a volume on a grid, crop to what is above a value, and scale a window to 0..1.

        Returns:
            The smallest box with every such voxel, or None where there is none.
        """

    def average_towards(self, volume: Volume, spacing_mm: SpacingMm) -> Volume:
        """Average blocks of voxels, as `averaging.average_towards`."""


class NumpySampler:
    """Do them by NumPy, slice by slice as they lie in memory, on the thread that calls."""

    def write_window(
        self, volume: Volume, grid: Grid, *, window_hu: Window, out: NDArray[np.float32]
    ) -> None:
        """See `Sampler`; a slice is scaled while the processor's cache has it."""
        for box, hu in sampled_slices(volume, grid):
            out[box] = scale_window(hu, window_hu, out=hu)

    def foreground_window(
        self, volume: Volume, grid: Grid, *, above_hu: float, window_hu: Window
    ) -> NDArray[np.float32] | None:
        """See `Sampler`; the crop hangs on all values, so they are kept until it is known."""
        hu = np.asarray(sample(volume, grid).hu, np.float32)
        box = foreground_box(hu, above_hu)
        if box is None:
            return None
        crop = hu[box]
        for part in crop.transpose(slowest_first(crop)):  # while the processor's cache has it
            scale_window(part, window_hu, out=part)
        return crop

    def average_towards(self, volume: Volume, spacing_mm: SpacingMm) -> Volume:
        """See `Sampler`."""
        return average_towards(volume, spacing_mm)
