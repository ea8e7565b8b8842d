"""Find the smallest and the largest value of a volume; both have to be numbers."""

from pathlib import Path

import numpy as np

from mmfeat.errors import VolumeError
from mmfeat.volumes.volume import Volume

_PART_BYTES = 2**20
"""Looked at together for the extremes, so that the largest is found while the smallest is still in
a core's cache."""


def finite_extremes(path: Path, volume: Volume) -> tuple[float, float]:
    """Return the smallest and the largest value; refuse NaN and infinity.

    Raises:
        VolumeError: There is a voxel without a value.
    """
    # The extremes are NaN or infinite if any voxel is; that needs no array of flags.
    n_parts = max(1, min(len(volume.hu), volume.hu.nbytes // _PART_BYTES))
    ends = np.array([(part.min(), part.max()) for part in np.array_split(volume.hu, n_parts)])
    extremes = float(ends[:, 0].min()), float(ends[:, 1].max())
    if not np.isfinite(extremes).all():
        count = int((~np.isfinite(volume.hu)).sum())
        raise VolumeError(
            f"{path}: {count} voxels are NaN or infinite; convert it again from DICOM"
        )
    return extremes
