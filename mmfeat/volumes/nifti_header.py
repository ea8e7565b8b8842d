"""Read the header of a NIfTI file, or refuse what only looks like one."""

import io
from pathlib import Path

import nibabel
import numpy as np

from mmfeat.errors import VolumeError, one_line
from mmfeat.volumes.detached import place_of
from mmfeat.volumes.unpacking import GZIP_MAGIC, PackedError, Packing, fill, open_unpacked

_KINDS = {348: nibabel.Nifti1Header, 540: nibabel.Nifti2Header}
"""By the size that a header begins with, in either byte order."""
_ANALYZE_MAGIC = b"\0\0\0"


def packing_of(path: Path, file: Path) -> Packing:
    """Say how a file, ``path`` or its partner, is packed, by its content.

    Raises:
        VolumeError: It is empty, or no gzip in spite of its name.
    """
    place = place_of(path, file)
    with file.open("rb") as stream:
        start = stream.read(len(GZIP_MAGIC))
    if not start:
        raise VolumeError(f"{place}: the file is empty; copy or convert it again")
    if start == GZIP_MAGIC:
        return "gzip"
    if file.suffix.lower() == ".gz":
        raise VolumeError(f"{place}: ends in .gz but is not a gzip file; copy or convert it again")
    return "none"


def read_nifti_header(path: Path, file: Path, *, is_pair: bool) -> nibabel.Nifti1Header:
    """Read the header of a NIfTI-1 or NIfTI-2 file, without its extensions.

    Args:
        path: What to name in an error.
        file: Where the header is.
        is_pair: Whether the voxels are in another file, as the name says.

    Raises:
        VolumeError: The file does not begin with such a header, or the header is broken.
    """
    start = _first_bytes(path, file, max(_KINDS))
    sizes = {int.from_bytes(start[:4], order) for order in ("little", "big")}
    kind = next((kind for size, kind in _KINDS.items() if size in sizes), None)
    if kind is None or len(start) < kind.sizeof_hdr:
        raise VolumeError(f"{path}: not a NIfTI file: it does not begin with a NIfTI header")
    try:
        # check=False: nibabel's own checks print to stderr; what matters of them is checked here.
        header = kind.from_fileobj(io.BytesIO(start[: kind.sizeof_hdr]), check=False)
        header.get_data_dtype()
        header.get_data_offset()
        header.get_slope_inter()
    except Exception as error:
        raise VolumeError(f"{path}: broken NIfTI header: {one_line(error)}") from error
    _require_magic(path, bytes(header["magic"].item())[:3].ljust(3, b"\0"), is_pair=is_pair)
    return header


def _first_bytes(path: Path, file: Path, n_bytes: int) -> bytes:
    start = np.empty(n_bytes, np.uint8)
    try:
        with open_unpacked(file, packing_of(path, file)) as stream:
            return start[: fill(stream, start)].tobytes()
    except PackedError as error:
        raise VolumeError(
            f"{path}: truncated or damaged gzip file ({error}); copy it again"
        ) from error


def _require_magic(path: Path, magic: bytes, *, is_pair: bool) -> None:
    if is_pair and magic == _ANALYZE_MAGIC:
        raise VolumeError(
            f"{path}: an Analyze 7.5 file, which cannot say which side is left; "
            "convert it again from DICOM to .nii.gz"
        )
    if is_pair and magic not in (b"ni1", b"ni2"):
        raise VolumeError(
            f"{path}: not the header of a NIfTI pair (its magic is not ni1); convert it to .nii.gz"
        )
    if not is_pair and magic not in (b"n+1", b"n+2"):
        raise VolumeError(
            f"{path}: not a single-file NIfTI (its magic is not n+1); convert it to .nii.gz"
        )
