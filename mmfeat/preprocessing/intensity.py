"""Bring Hounsfield units to the range that a network was trained on."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import HuArray


def scale_window(
    hu: HuArray, window_hu: tuple[float, float], *, out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Map ``window_hu`` to 0..1 and clip what lies outside.

    The same numbers as MONAI's ``ScaleIntensityRange(low, high, 0, 1, clip=True)``, up to rounding.

    Args:
        hu: Hounsfield units.
        window_hu: The lowest and the highest value that are told apart.
        out: Where to write the result, which may be ``hu`` itself; by default a new array.

    Example:
        >>> scale_window(np.array([-2000, -1000, 0, 500, 1000], np.float32), (-1000, 1000))
        array([0.  , 0.  , 0.5 , 0.75, 1.  ], dtype=float32)
    """
    low, high = window_hu
    if not low < high:
        raise ValueError(f"window_hu must be (low, high) with low < high, got {window_hu}")
    scaled = np.subtract(hu, np.float32(low), out=out, dtype=np.float32)
    scaled /= np.float32(high - low)
    return np.clip(scaled, 0, 1, out=scaled)


def window_of(centre_hu: float, width_hu: float) -> tuple[float, float]:
    """Return the lowest and highest value of a window given by its centre and width.

    Example:
        >>> window_of(-600, 1500)
        (-1350.0, 150.0)
    """
    return centre_hu - width_hu / 2, centre_hu + width_hu / 2
