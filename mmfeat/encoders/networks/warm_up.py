"""Try a network that nobody here knows on made-up windows, before any scan waits for it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import EncoderError

_TOLERANCE = 1e-4
"""Of the largest value; rounding alone makes less than this, and another batch far more."""


def warm_up(
    run: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    name: str,
    *,
    window_shape: tuple[int, ...],
    n_windows: int,
) -> None:
    """Run a network twice on the same first window and other ones after it, and compare.

    Args:
        run: Gives one feature for each window, and raises where shapes or types are not right.
        name: Begins every message.
        window_shape: Channels and size of a window.
        n_windows: How many go through the network together.

    Raises:
        EncoderError: Features are not finite, or that of a window is not always the same.
    """
    generator = np.random.Generator(np.random.PCG64(0))
    first, second = (generator.random((n_windows, *window_shape), np.float32) for _ in range(2))
    second[0] = first[0]
    one, other = run(first), run(second)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise EncoderError(
            f"{name}: its features of made-up values between 0 and 1 are not finite; check the "
            "export and `input.dtype` of the recipe file"
        )
    if np.abs(one[0] - other[0]).max() > _TOLERANCE * np.abs(one[0]).max():
        raise EncoderError(
            f"{name}: gives another feature each time, or one that hangs on the other windows of "
            "its batch; export it in eval mode, or set `input.batch: 1`"
        )
