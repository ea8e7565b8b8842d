"""Where the voxels of a NIfTI file are."""

import itertools
from pathlib import Path

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from mmfeat.errors import VolumeError, one_line
from mmfeat.volumes.grid_affine import volume_affine
from mmfeat.volumes.volume import ReadingNote

_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""Unit of length, the lowest bits of xyzt_units: unknown (mm by custom), m, mm, micrometres."""
_DISAGREEMENT_VOXELS = 0.5
"""How far apart sform and qform may put a corner of the volume, in voxels."""
_ROUNDING_VOXELS = 0.02
"""How far the rounding of a quaternion and of single-precision numbers may move a corner."""


def affine_of(
    path: Path, header: nibabel.Nifti1Header, *, shape: tuple[int, int, int]
) -> tuple[NDArray[np.float64], list[ReadingNote]]:
    """Return the map from ``(d, h, w, 1)`` indices, the reverse of the file's axes, to RAS+ mm.

    The sform comes first and the qform second, as in nibabel and ITK; without either, NIfTI leaves
    orientation and position unknown, and the file is refused.

    Args:
        path: What to name in an error.
        header: Its codes say which forms are set.
        shape: ``(d, h, w)``.

    Raises:
        VolumeError: The affine is unknown, ambiguous, singular or sheared.
    """
    forms_mm = _forms_mm(path, header)
    if not forms_mm:
        raise VolumeError(
            f"{path}: neither sform nor qform is set, so orientation and spacing are unknown; "
            "convert it again from DICOM, or set the sform"
        )
    affines = [volume_affine(path, form, name=name) for name, form in forms_mm.items()]
    notes = _compared(path, *affines, shape=shape) if len(affines) == 2 else []
    return affines[0], notes


def _forms_mm(path: Path, header: nibabel.Nifti1Header) -> dict[str, NDArray[np.float64]]:
    """Return the forms that are set (code above 0), the preferred one first."""
    mm_per_row = np.array([[_mm_per_unit(path, header)]] * 3 + [[1.0]])  # (4, 1)
    if header["pixdim"][0] == 0:  # the standard: "if 0, treat as 1"; nibabel refuses it
        header["pixdim"][0] = 1
    try:
        forms = {
            "sform": header.get_sform(coded=True)[0],
            "qform": header.get_qform(coded=True)[0],
        }
    except (HeaderDataError, ValueError) as error:
        raise VolumeError(f"{path}: broken NIfTI header: {one_line(error)}") from error
    return {name: form * mm_per_row for name, form in forms.items() if form is not None}


def _compared(
    path: Path,
    sform: NDArray[np.float64],
    qform: NDArray[np.float64],
    *,
    shape: tuple[int, int, int],
) -> list[ReadingNote]:
    """Refuse forms that put the volume in two places; note a small difference."""
    corners = np.array([(*corner, 1) for corner in itertools.product(*((0, n - 1) for n in shape))])
    apart_mm = float(np.linalg.norm(corners @ (sform - qform).T, axis=1).max())
    apart_voxels = apart_mm / float(np.linalg.norm(sform[:3, :3], axis=0).min())
    if apart_voxels > _DISAGREEMENT_VOXELS:
        raise VolumeError(
            f"{path}: sform and qform put the same corner {apart_mm:.3g} mm apart; "
            "keep the right one and set the code of the other to 0"
        )
    if apart_voxels < _ROUNDING_VOXELS:
        return []
    return [
        ReadingNote(
            "forms-differ",
            f"sform and qform put a corner {apart_voxels:.2g} voxels apart; the sform was taken",
        )
    ]


def _mm_per_unit(path: Path, header: nibabel.Nifti1Header) -> float:
    unit = int(header["xyzt_units"]) & 0x07
    if unit not in _MM_PER_UNIT:
        raise VolumeError(f"{path}: unknown unit of length in its header (xyzt_units {unit})")
    return _MM_PER_UNIT[unit]
