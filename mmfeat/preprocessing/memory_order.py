"""The order in which an array's axes lie in memory: loops that follow it read each page once."""

from typing import Any

from numpy.typing import NDArray

Box = tuple[slice, slice, slice]


def slowest_first(values: NDArray[Any]) -> tuple[int, int, int]:
    """Return the axes of a 3-D array, from the one with the largest steps in memory.

    Example:
        >>> import numpy as np
        >>> slowest_first(np.zeros((2, 3, 4)).transpose(2, 0, 1)[::-1])
        (1, 2, 0)
    """
    first, second, third = sorted(range(3), key=lambda axis: -abs(values.strides[axis]))
    return first, second, third


def axes_back(order: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the transposition that undoes ``transpose(order)``.

    Example:
        >>> import numpy as np
        >>> np.zeros((2, 3, 4)).transpose(1, 2, 0).transpose(axes_back((1, 2, 0))).shape
        (2, 3, 4)
    """
    return order.index(0), order.index(1), order.index(2)
