"""Read a NIfTI-1 or NIfTI-2 file, plain or gzipped."""

import gzip
import io
import math
import struct
import zlib
from pathlib import Path

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.nifti_geometry import affine_of
from mmfeat.volumes.one_line import one_line
from mmfeat.volumes.volume import Volume

_GZIP_MAGIC = b"\x1f\x8b"
_HEADER_SIZES = {348: nibabel.Nifti1Header, 540: nibabel.Nifti2Header}


def read_nifti(path: Path) -> Volume:
    """Read a NIfTI file; slope and intercept are applied once, as the file states them.

    The whole file is decompressed and its checksum compared; nibabel stops at the last voxel.

    Raises:
        VolumeError: The file is damaged, holds no 3-D image, or does not say where its voxels are.
    """
    content = _content(path)
    header = _header(path, content)
    shape = _shape(path, header)
    stored = _stored_values(path, header, content=content, shape=shape)  # (z, y, x)
    try:
        slope, intercept = header.get_slope_inter()
    except HeaderDataError as error:
        raise VolumeError(f"{path}: broken NIfTI header: {one_line(error)}") from error
    hu = stored.astype(np.float32)
    if slope is not None and (slope, intercept) != (1.0, 0.0):
        hu *= np.float32(slope)
        hu += np.float32(intercept)
    return Volume(hu=hu, affine=affine_of(path, header, shape=shape))


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if not content:
        raise VolumeError(f"{path}: the file is empty; copy or convert it again")
    if content.startswith(_GZIP_MAGIC):
        try:
            return gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile, struct.error) as error:
            raise VolumeError(
                f"{path}: truncated or damaged gzip file ({one_line(error)}); copy it again"
            ) from error
    if path.suffix.lower() == ".gz":
        raise VolumeError(f"{path}: ends in .gz but is not a gzip file; copy or convert it again")
    return content


def _header(path: Path, content: bytes) -> nibabel.Nifti1Header:
    sizes = {int.from_bytes(content[:4], order) for order in ("little", "big")}
    kind = next((kind for size, kind in _HEADER_SIZES.items() if size in sizes), None)
    if kind is None or len(content) < kind.sizeof_hdr:
        raise VolumeError(f"{path}: not a NIfTI file: it does not begin with a NIfTI header")
    try:
        # check=False: nibabel's own checks print to stderr; what matters of them is checked here.
        header = kind.from_fileobj(io.BytesIO(content), check=False)
        header.get_data_dtype()
        header.get_data_offset()
    except Exception as error:
        raise VolumeError(f"{path}: broken NIfTI header: {one_line(error)}") from error
    if bytes(header["magic"].item())[:3] not in (b"n+1", b"n+2"):
        raise VolumeError(
            f"{path}: not a single-file NIfTI (its magic is not n+1); convert it to .nii.gz"
        )
    return header


def _shape(path: Path, header: nibabel.Nifti1Header) -> tuple[int, int, int]:
    shape = tuple(int(length) for length in header.get_data_shape())
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    size = " x ".join(str(length) for length in shape)
    if any(length < 1 for length in shape) or not shape:
        raise VolumeError(f"{path}: broken NIfTI header: its size is {size or 'empty'}")
    if len(shape) > 3:
        raise VolumeError(
            f"{path}: {size} voxels, so {math.prod(shape[3:])} volumes in one file; "
            "save the wanted one as a 3-D file"
        )
    if len(shape) < 3 or 1 in shape:
        raise VolumeError(f"{path}: {size} voxels: one slice is no volume")
    return shape[0], shape[1], shape[2]


def _stored_values(
    path: Path, header: nibabel.Nifti1Header, *, content: bytes, shape: tuple[int, int, int]
) -> NDArray[np.generic]:
    dtype = header.get_data_dtype()
    if dtype.fields is not None or dtype.kind not in "iuf":
        kind = "colour (RGB)" if dtype.fields is not None else f"{dtype}"
        raise VolumeError(
            f"{path}: {kind} voxels, a CT has one real number for each; give the original"
        )
    offset = int(header.get_data_offset())
    expected = offset + math.prod(shape) * dtype.itemsize
    if len(content) < expected or offset < header.sizeof_hdr:
        raise VolumeError(
            f"{path}: truncated: its header promises {expected} bytes, {len(content)} are there; "
            "copy or convert it again"
        )
    values = np.frombuffer(content, dtype, count=math.prod(shape), offset=offset)
    return values.reshape(shape[::-1])
