"""Read a folder that holds one DICOM CT series."""

import logging
from collections import Counter
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_header import read_header
from mmfeat.volumes.dicom_kind import is_enhanced_ct, left_out_as
from mmfeat.volumes.dicom_pixels import decode_hu
from mmfeat.volumes.dicom_slice import CtSlice, ct_slice
from mmfeat.volumes.dicom_stack import stack_slices
from mmfeat.volumes.dicom_warnings import silence_pydicom
from mmfeat.volumes.source import files_below
from mmfeat.volumes.volume import Volume

logger = logging.getLogger(__name__)


def read_dicom_series(folder: Path) -> Volume:
    """Read the one CT series below a folder, slices in the order of their positions.

    Localizers, screen captures, reports and objects of other modalities are left out; files that
    are not DICOM at all are passed over, unless their name says they should be (``.dcm``).

    Values outside the scanner's field of view (PixelPaddingValue, often -2000 stored, -3024 HU) are
    kept as they are, as SimpleITK does; ``header["padding_hu"]`` says which value that is.

    Raises:
        VolumeError: There is no CT series, more than one, or one that is no even stack of slices.
    """
    silence_pydicom()
    slices = _only_series(folder, _ct_slices(folder))
    ordered, affine = stack_slices(folder, slices)
    return Volume(hu=decode_hu(folder, ordered), affine=affine, header=ordered[0].header)


def why_no_volume(file: Path) -> str:
    """Say why a single file that is not NIfTI cannot be read as a volume."""
    silence_pydicom()
    header = read_header(file, place=str(file))
    if header is None:
        return (
            "neither NIfTI nor DICOM; give a .nii or .nii.gz file, or the folder of a DICOM series"
        )
    if is_enhanced_ct(header):
        return _ENHANCED
    reason = left_out_as(header)
    if reason is not None:
        return f"holds no CT slice but {reason}"
    return "one DICOM file is one slice, no volume; give the folder with all files of its series"


_ENHANCED = (
    "enhanced multi-frame CT cannot be read yet; convert it to NIfTI or to classic DICOM slices"
)


def _ct_slices(folder: Path) -> list[CtSlice]:
    slices: list[CtSlice] = []
    left_out: Counter[str] = Counter()
    for file in files_below(folder):
        name = file.relative_to(folder).as_posix()
        header = read_header(file, place=f"{folder}: {name}")
        if header is None:
            continue
        if is_enhanced_ct(header):
            raise VolumeError(f"{folder}: {name}: {_ENHANCED}")
        reason = left_out_as(header)
        if reason is None:
            slices.append(ct_slice(header, name=name))
        else:
            left_out[reason] += 1
    found = ", ".join(f"{count} x {kind}" for kind, count in left_out.items())
    if not slices:
        raise VolumeError(
            f"{folder}: no CT slices in it, only {found}"
            if found
            else f"{folder}: no DICOM files in it"
        )
    if found:
        logger.info("%s: left out %s", folder, found)
    return slices


def _only_series(folder: Path, slices: list[CtSlice]) -> list[CtSlice]:
    series: dict[str, list[CtSlice]] = {}
    for one in slices:
        series.setdefault(one.series_uid, []).append(one)
    if len(series) > 1:
        listed = "; ".join(
            f"...{uid[-12:]} `{members[0].description}` {len(members)} slices, as {members[0].name}"
            for uid, members in series.items()
        )
        raise VolumeError(
            f"{folder}: {len(series)} CT series in one folder ({listed}); give the folder of one"
        )
    return slices
