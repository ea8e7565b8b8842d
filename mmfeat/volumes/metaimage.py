"""Read a MetaImage: with its voxels (.mha), or beside them (.mhd).

The only maintained reader on PyPI is ITK's, in SimpleITK. It is no reader for files from anywhere:
damaged headers end the whole process, damaged packed voxels are given as they are or looped over
for ever, and it opens any file that a header names; docs/reading.md has the numbers. As the header
is a dozen lines of text, we read it ourselves, and the tests compare with SimpleITK.
"""

import sys
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.detached import detached_file
from mmfeat.volumes.grid_affine import volume_affine
from mmfeat.volumes.metaimage_header import MetaImageHeader, read_metaimage_header
from mmfeat.volumes.stored_voxels import StoredVoxels, read_hu
from mmfeat.volumes.unpacking import GZIP_MAGIC, Packing
from mmfeat.volumes.volume import ReadingNote, Volume
from mmfeat.volumes.volume_shape import volume_shape

_DTYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_LPS_TO_RAS = np.array([[-1.0], [-1.0], [1.0]])
_MM_PER_UNIT = {"mm": 1.0, "um": 0.001, "cm": 10.0, "?": 1.0}
_MOST_DIMENSIONS = 10
_ORIGIN = ("Offset", "Origin", "Position")
_BIG_ENDIAN = ("BinaryDataByteOrderMSB", "ElementByteOrderMSB")
_SAME_FILE = "LOCAL"


def read_metaimage(path: Path) -> Volume:
    """Read a MetaImage; its numbers are taken as they are, as by ITK.

    Raises:
        VolumeError: The file is damaged, holds no 3-D image, or does not say where its voxels are.
    """
    header = read_metaimage_header(path)
    (n_axes,) = header.integers("NDims", count=1)
    if not 1 <= n_axes <= _MOST_DIMENSIONS:
        raise header.broken(f"{n_axes} dimensions")
    shape, notes = volume_shape(path, header.integers("DimSize", count=n_axes))
    affine, remarks = _affine(header, n_axes=n_axes)
    hu, found = read_hu(path, _voxels(header, shape=shape))
    return Volume(hu=hu, affine=affine, notes=(*notes, *remarks, *found))


def metaimage_voxel_file(header: MetaImageHeader) -> Path:
    """Return the file with the voxels: the header's own, or the one that it names.

    Raises:
        VolumeError: It is elsewhere, not there, or there are several.
    """
    name = header.text("ElementDataFile")
    if name.upper() == _SAME_FILE:
        return header.path
    if name.upper().startswith("LIST") or "%" in name:
        raise VolumeError(f"{header.path}: its voxels are in several files; save it as one .mha")
    return detached_file(header.path, name)


def _affine(
    header: MetaImageHeader, *, n_axes: int
) -> tuple[NDArray[np.float64], list[ReadingNote]]:
    """Return the map from ``(d, h, w, 1)`` indices to RAS+ mm."""
    rows = header.numbers("TransformMatrix", "Rotation", "Orientation", count=n_axes**2)
    directions = np.reshape(rows, (n_axes, n_axes))[:3, :3]  # a row for each axis of the file
    spacing = header.numbers("ElementSpacing", "ElementSize", count=n_axes)[:3]
    origin = header.numbers(*_ORIGIN, count=n_axes, default=" 0" * n_axes)[:3]
    unit = header.text("DistanceUnits", default="mm").lower()
    if unit not in _MM_PER_UNIT:
        raise VolumeError(f"{header.path}: unknown unit of length in its header: {unit[:50]!r}")
    form = np.eye(4)
    form[:3] = np.column_stack([directions.T * spacing, origin]) * _LPS_TO_RAS * _MM_PER_UNIT[unit]
    notes = []
    if not any(key in header.fields for key in _ORIGIN):
        notes.append(ReadingNote("origin-unknown", "no Offset, taken to be 0, 0, 0"))
    return volume_affine(header.path, form, name="TransformMatrix"), notes


def _voxels(header: MetaImageHeader, *, shape: tuple[int, int, int]) -> StoredVoxels:
    _require_plain_numbers(header)
    order = ">" if header.is_true(*_BIG_ENDIAN, default=sys.byteorder == "big") else "<"
    dtype = np.dtype(order + _DTYPES[header.text("ElementType")])
    file = metaimage_voxel_file(header)
    (starts_at,) = header.integers("HeaderSize", count=1, default="0")
    is_packed = header.is_true("CompressedData")
    if starts_at == -1 and not is_packed:  # they are at the end
        starts_at = max(0, file.stat().st_size - prod(shape) * dtype.itemsize)
    elif file == header.path and starts_at == 0:
        starts_at = header.size_bytes
    if starts_at < 0:
        raise header.broken(f"HeaderSize is {starts_at}")
    packing = _packing_at(file, starts_at) if is_packed else "none"
    return StoredVoxels(file, shape, dtype, packing, starts_at)


def _require_plain_numbers(header: MetaImageHeader) -> None:
    kind = header.text("ElementType")
    (n_channels,) = header.integers("ElementNumberOfChannels", count=1, default="1")
    if kind not in _DTYPES or n_channels != 1:
        raise VolumeError(
            f"{header.path}: {n_channels} x {kind[:50]!r} a voxel, a CT has one real number; give "
            "the original"
        )
    if not header.is_true("BinaryData", default=True):
        raise VolumeError(f"{header.path}: its voxels are text; save them as binary data")
    scaling = [
        *header.numbers("ElementToIntensityFunctionSlope", count=1, default="1"),
        *header.numbers("ElementToIntensityFunctionOffset", count=1, default="0"),
    ]
    if scaling != [1, 0]:
        raise VolumeError(
            f"{header.path}: slope {scaling[0]:g} and offset {scaling[1]:g} in its header, which "
            "most programs ignore; take them out, and if they are right, set reading.slope and "
            "reading.intercept"
        )


def _packing_at(file: Path, starts_at: int) -> Packing:
    with file.open("rb") as stream:
        stream.seek(starts_at)
        return "gzip" if stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC else "zlib"
