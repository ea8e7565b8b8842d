"""Turn a volume's axes towards given directions of the body, without interpolation."""

import dataclasses

import numpy as np

from mmfeat.volumes.volume import Volume


def reorient(volume: Volume, axes: str) -> Volume:
    """Return the volume with axis ``k`` pointing towards ``axes[k]``, by permuting and flipping.

    The letters are those of nibabel and MONAI: left, right, anterior, posterior, superior,
    inferior. A slanted axis counts as the direction to which it is closest. The voxels are a view
    of the given ones, not a copy.

    Args:
        volume: The volume.
        axes: Three letters, for example ``"RAS"``.

    Returns:
        The same voxels at the same places; ``affine`` says so for the new axes.

    Example:
        >>> hu = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
        >>> volume = Volume(hu, np.diag([-1.0, 1, 1, 1]))
        >>> reorient(volume, "RAS").hu[0, 0, 0], reorient(volume, "RAS").affine[0, 3]
        (np.float32(4.0), np.float64(-1.0))
    """
    from nibabel import orientations  # slow to load, which commands without scans need not wait for

    if len(axes) != 3 or any(len(set(axes) & set(pair)) != 1 for pair in ("LR", "AP", "IS")):
        raise ValueError(f"axes must be three letters, one of each of LR, AP and IS, got {axes!r}")
    change = orientations.ornt_transform(
        orientations.io_orientation(volume.affine), orientations.axcodes2ornt(axes)
    )
    moved = orientations.inv_ornt_aff(change, volume.hu.shape)
    hu = orientations.apply_orientation(volume.hu, change)
    return dataclasses.replace(volume, hu=np.asarray(hu), affine=volume.affine @ moved)
