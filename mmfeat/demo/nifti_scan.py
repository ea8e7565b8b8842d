"""Write a scan as NIfTI, in one of the axis orders that people's files have."""

import zlib
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, ornt_transform
from numpy.typing import NDArray

from mmfeat.demo.scanner import Acquisition

AXIS_ORDERS = ("RAS", "LPS", "LAS", "RPI", "LPI", "SPL", "PSR", "AIL")
"""Where the first, second and third axis of a file point to."""
TILTED_SHARE = 0.15
"""This share of the files lies a few degrees askew in the world, as registered images do."""
OFFSET_SHARE = 0.25
"""This share stores unsigned numbers and an intercept of -1024."""


def write_nifti(
    path: Path, stored: NDArray[np.int16], acquisition: Acquisition, rng: np.random.Generator
) -> None:
    """Write HU ``(depth, height, width)``, axes up, forward and right, as ``.nii.gz``."""
    affine = np.diag([*acquisition.spacing_mm[::-1], 1.0])
    affine[:3, 3] = acquisition.grid.origin_mm[::-1] + rng.uniform(
        (-20, -180, -900), (20, -120, -300)
    )
    order = ornt_transform(
        axcodes2ornt("RAS"), axcodes2ornt(AXIS_ORDERS[rng.integers(len(AXIS_ORDERS))])
    )
    right_anterior_superior = stored.transpose(2, 1, 0)
    voxels = apply_orientation(right_anterior_superior, order)
    affine = affine @ inv_ornt_aff(order, right_anterior_superior.shape)
    if rng.random() < TILTED_SHARE:
        affine = _turn(rng.uniform(-0.06, 0.06, 3)) @ affine
    header = nib.Nifti1Header()
    header.set_data_shape(voxels.shape)
    header.set_xyzt_units("mm", "sec")
    header.set_qform(affine, code="scanner")
    header.set_sform(affine, code="scanner")
    if rng.random() < OFFSET_SHARE:
        header.set_data_dtype(np.uint16)
        header["scl_slope"], header["scl_inter"] = 1.0, -1024.0
        voxels = (voxels + 1024).astype(np.uint16)
    else:
        header.set_data_dtype(np.int16)
        header["scl_slope"], header["scl_inter"] = 1.0, 0.0
    header["magic"], header["vox_offset"] = b"n+1", 352
    header["descrip"] = b"made up by mmfeat demo"
    compress = zlib.compressobj(1, wbits=31)  # gzip without a time, so that bytes repeat
    content = header.binaryblock + bytes(4) + voxels.tobytes(order="F")
    path.write_bytes(compress.compress(content) + compress.flush())


def _turn(angles_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix ``(4, 4)`` of three turns, around each axis in turn."""
    turned = np.eye(4)
    for axis, angle in enumerate(angles_rad):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(4)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
        turned = turn @ turned
    return turned
