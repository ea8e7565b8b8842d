"""Sizes of which some axes may be unknown until a scan is there."""

import dataclasses

import numpy as np

from mmfeat.errors import VolumeError
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.fitting import Corner, multiple_of
from mmfeat.volumes.volume import HuArray, Volume

AnySize = tuple[int | None, int | None, int | None]
"""Voxels along each axis; None where it is as long as it comes."""


def filled(size: AnySize, shape: tuple[int, ...]) -> Size:
    """Return a size with what is not given taken from a shape.

    Example:
        >>> filled((None, 224, 224), (30, 512, 512))
        (30, 224, 224)
    """
    first, second, third = (
        n if wanted is None else wanted for wanted, n in zip(size, shape, strict=True)
    )
    return first, second, third


def where_given(size: AnySize, before: AnySize) -> AnySize:
    """Return what is known once a size was asked for."""
    first, second, third = (
        n if wanted is None else wanted for wanted, n in zip(size, before, strict=True)
    )
    return first, second, third


def known_multiples(size: AnySize, numbers: Size, *, larger: bool) -> AnySize:
    """Return multiples along the axes whose length is known."""
    fitted = multiple_of(tuple(n or 0 for n in size), numbers, larger=larger)
    first, second, third = (
        None if n is None else wanted for n, wanted in zip(size, fitted, strict=True)
    )
    return first, second, third


def too_short(shape: tuple[int, ...], numbers: Size) -> VolumeError:
    """Return the error of a volume that is smaller than a patch."""
    return VolumeError(
        f"has {_in_words(shape)} voxels where this encoder needs at least {_in_words(numbers)}; "
        "use another encoder for such volumes"
    )


def moved(volume: Volume, hu: HuArray, corner: Corner) -> Volume:
    """Return other voxels of a volume, the first of which lies at an index of the old ones."""
    start = np.eye(4)
    start[:3, 3] = corner
    return dataclasses.replace(volume, hu=hu, affine=volume.affine @ start)


def _in_words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
