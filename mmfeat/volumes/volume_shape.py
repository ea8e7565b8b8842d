"""Find the three axes of a volume among those that a file has."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.volume import ReadingNote


def volume_shape(
    path: Path, sizes: Sequence[int]
) -> tuple[tuple[int, int, int], list[ReadingNote]]:
    """Return the shape ``(d, h, w)`` of the only volume in a file; further axes must have size 1.

    Args:
        path: What to name in an error.
        sizes: Voxels along each axis, in the order of the file: the fastest axis first.

    Raises:
        VolumeError: There are several volumes, or none.
    """
    size = " x ".join(str(length) for length in sizes)
    if any(length < 1 for length in sizes) or not sizes:
        raise VolumeError(f"{path}: broken header: its size is {size or 'empty'}")
    n_volumes = prod(sizes[3:])
    if n_volumes > 1:
        raise VolumeError(
            f"{path}: {size} voxels, so {n_volumes} volumes in one file; "
            "save the wanted one as a 3-D file"
        )
    if len(sizes) < 3 or 1 in sizes[:3]:
        raise VolumeError(f"{path}: {size} voxels: one slice is no volume")
    width, height, depth = sizes[:3]
    further = len(sizes) - 3
    note = ReadingNote("singleton-axis", f"{size} voxels: {further} axes of size 1 were left out")
    return (depth, height, width), [note] if further else []
