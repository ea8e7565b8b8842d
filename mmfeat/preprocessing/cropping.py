"""Cut and pad volumes about their centre."""

from collections.abc import Sequence

from mmfeat.preprocessing.memory_order import Box

Size = tuple[int, int, int]


def centre_box(shape: Sequence[int], size: Size) -> Box:
    """Return the box of at most ``size`` voxels about the centre of an array.

    Its place is that of MONAI's ``CenterSpatialCrop``: from ``n // 2 - size // 2``. An axis shorter
    than ``size`` stays whole.

    Example:
        >>> centre_box((10, 9, 3), (4, 4, 4))
        (slice(3, 7, None), slice(2, 6, None), slice(0, 3, None))
    """
    first, second, third = (
        slice(max(n // 2 - wanted // 2, 0), min(max(n // 2 - wanted // 2, 0) + wanted, n))
        for n, wanted in zip(shape, size, strict=True)
    )
    return first, second, third


def padding_box(shape: Sequence[int], size: Size) -> Box:
    """Return where an array lies once every axis shorter than ``size`` is padded up to it.

    Its place is that of MONAI's ``SpatialPad``: in the middle, an odd voxel goes to the end.

    Example:
        >>> padding_box((10, 2, 3), (4, 5, 4))
        (slice(0, 10, None), slice(1, 3, None), slice(0, 3, None))
    """
    first, second, third = (
        slice(max(wanted - n, 0) // 2, max(wanted - n, 0) // 2 + n)
        for n, wanted in zip(shape, size, strict=True)
    )
    return first, second, third
