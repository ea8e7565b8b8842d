"""Where the voxels of a NIfTI file are."""

import itertools
from pathlib import Path

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.one_line import one_line

_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""Unit of length, the lowest bits of xyzt_units: unknown (mm by custom), m, mm, micrometres."""
_DISAGREEMENT_VOXELS = 0.5
"""How far apart sform and qform may put a corner of the volume, in voxels; rounding of the
quaternion moves it far less."""
_LARGEST_SHEAR_DEG = 0.5
"""How far axes may be off a right angle: rounding stays below 0.1, a tilted gantry is 5 to 30."""


def affine_of(
    path: Path, header: nibabel.Nifti1Header, *, shape: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Return the map from ``(d, h, w, 1)`` indices, the reverse of the file's axes, to RAS+ mm.

    The sform comes first and the qform second, as in nibabel and ITK; without either, NIfTI leaves
    orientation and position unknown, and the file is refused.

    Raises:
        VolumeError: The affine is unknown, ambiguous, singular or sheared.
    """
    forms = _forms(path, header)
    if not forms:
        raise VolumeError(
            f"{path}: neither sform nor qform is set, so orientation and spacing are unknown; "
            "convert it again from DICOM, or set the sform"
        )
    for name, form in forms.items():
        _require_usable(path, name, form)
    if len(forms) == 2:
        _require_agreement(path, forms["sform"], forms["qform"], shape=shape)
    first = next(iter(forms.values()))
    affine = first[:, [2, 1, 0, 3]]
    affine[:3] *= _mm_per_unit(path, header)
    return affine


def _forms(path: Path, header: nibabel.Nifti1Header) -> dict[str, NDArray[np.float64]]:
    """Return the affines that are set (code above 0), the preferred one first."""
    if header["pixdim"][0] == 0:  # the standard: "if 0, treat as 1"; nibabel refuses it
        header["pixdim"][0] = 1
    try:
        forms = {
            "sform": header.get_sform(coded=True)[0],
            "qform": header.get_qform(coded=True)[0],
        }
    except (HeaderDataError, ValueError) as error:
        raise VolumeError(f"{path}: broken NIfTI header: {one_line(error)}") from error
    return {name: form for name, form in forms.items() if form is not None}


def _require_usable(path: Path, name: str, form: NDArray[np.float64]) -> None:
    """Refuse an affine that flattens the volume, or whose axes are not at right angles."""
    if not np.isfinite(form).all():
        raise VolumeError(f"{path}: its {name} is not finite; convert it again from DICOM")
    lengths = np.linalg.norm(form[:3, :3], axis=0)
    if lengths.min() == 0 or abs(np.linalg.det(form[:3, :3] / lengths)) < 1e-3:
        raise VolumeError(
            f"{path}: its {name} is singular (spacing {_numbers(lengths)}), so positions are "
            "unknown; convert it again from DICOM"
        )
    axes = form[:3, :3] / lengths
    cosines = [abs(axes[:, a] @ axes[:, b]) for a, b in itertools.combinations(range(3), 2)]
    shear_deg = float(np.degrees(np.arcsin(min(1.0, max(cosines)))))
    if shear_deg > _LARGEST_SHEAR_DEG:
        raise VolumeError(
            f"{path}: its {name} is sheared by {shear_deg:.1f} degrees, as after a tilted gantry; "
            "resample it to a straight grid"
        )


def _require_agreement(
    path: Path,
    sform: NDArray[np.float64],
    qform: NDArray[np.float64],
    *,
    shape: tuple[int, int, int],
) -> None:
    corners = np.array([(*corner, 1) for corner in itertools.product(*((0, n - 1) for n in shape))])
    apart = float(np.linalg.norm(corners @ (sform - qform).T, axis=1).max())
    smallest = float(np.linalg.norm(sform[:3, :3], axis=0).min())
    if apart > _DISAGREEMENT_VOXELS * smallest:
        raise VolumeError(
            f"{path}: sform and qform put the same corner {apart:.3g} units apart; "
            "keep the right one and set the code of the other to 0"
        )


def _mm_per_unit(path: Path, header: nibabel.Nifti1Header) -> float:
    unit = int(header["xyzt_units"]) & 0x07
    if unit not in _MM_PER_UNIT:
        raise VolumeError(f"{path}: unknown unit of length in its header (xyzt_units {unit})")
    return _MM_PER_UNIT[unit]


def _numbers(values: NDArray[np.float64]) -> str:
    return " x ".join(f"{value:g}" for value in values)
