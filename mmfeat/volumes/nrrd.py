"""Read a NRRD file: with its voxels (.nrrd), or beside them (.nhdr).

The header is parsed by pynrrd, which is small, maintained and MIT. The voxels are not read by it:
it opens any file that a header names, and unpacks without a bound, with all in memory twice.
"""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.errors import VolumeError
from mmfeat.volumes.detached import detached_file
from mmfeat.volumes.nrrd_geometry import affine_of, spatial_axes
from mmfeat.volumes.nrrd_header import read_nrrd_header
from mmfeat.volumes.stored_voxels import StoredVoxels, read_hu
from mmfeat.volumes.unpacking import Packing
from mmfeat.volumes.volume import Volume
from mmfeat.volumes.volume_shape import volume_shape

_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_DTYPES = {name: dtype for dtype, names in _TYPES.items() for name in names}
_ORDERS = {"little": "<", "big": ">"}
_PACKINGS: dict[str, Packing] = {
    "raw": "none",
    "gzip": "gzip",
    "gz": "gzip",
    "bzip2": "bzip2",
    "bz2": "bzip2",
}
_SEVERAL_FILES = ("LIST", "%")


def read_nrrd(path: Path) -> Volume:
    """Read a NRRD file; its numbers are taken as they are, as NRRD knows no slope or intercept.

    Raises:
        VolumeError: The file is damaged, holds no 3-D image, or does not say where its voxels are.
    """
    fields, header_bytes = read_nrrd_header(path)
    sizes = [int(size) for size in fields["sizes"]]
    axes = spatial_axes(path, fields)
    further = [size for axis, size in enumerate(sizes) if axis not in axes]
    shape, notes = volume_shape(path, [*(sizes[axis] for axis in axes), *further])
    affine, remarks = affine_of(path, fields, axes=axes)
    voxels = _voxels(path, fields, header_bytes=header_bytes, shape=shape)
    hu, found = read_hu(path, voxels)
    return Volume(hu=hu, affine=affine, notes=(*notes, *remarks, *found))


def nrrd_voxel_file(path: Path, fields: Mapping[str, Any]) -> Path:
    """Return the file with the voxels: the header's own, or the one that it names.

    Raises:
        VolumeError: It is elsewhere, not there, or there are several.
    """
    name = fields.get("data file")
    if name is None:
        return path
    if any(mark in name for mark in _SEVERAL_FILES):
        raise VolumeError(f"{path}: its voxels are in several files; save it as one .nrrd file")
    return detached_file(path, name)


def _voxels(
    path: Path, fields: Mapping[str, Any], *, header_bytes: int, shape: tuple[int, int, int]
) -> StoredVoxels:
    encoding = fields["encoding"].lower()
    if encoding not in _PACKINGS:
        raise VolumeError(f"{path}: its encoding is {encoding[:50]!r}; save it as raw or gzip")
    if fields.get("line skip", 0) != 0:
        raise VolumeError(f"{path}: it asks to skip lines; save it as one .nrrd file")
    file = nrrd_voxel_file(path, fields)
    dtype, skipped_bytes = _dtype(path, fields), int(fields.get("byte skip", 0))
    starts_at = header_bytes if file == path else 0
    if skipped_bytes == -1 and encoding == "raw":  # they are at the end
        skipped_bytes = max(0, file.stat().st_size - starts_at - prod(shape) * dtype.itemsize)
    if skipped_bytes < 0:
        raise VolumeError(f"{path}: broken NRRD header: {skipped_bytes} bytes to skip")
    return StoredVoxels(
        file=file,
        shape=shape,
        dtype=dtype,
        packing=_PACKINGS[encoding],
        starts_at=starts_at,
        skipped_bytes=skipped_bytes,
    )


def _dtype(path: Path, fields: Mapping[str, Any]) -> np.dtype[np.generic]:
    kind, order = fields["type"].lower(), fields.get("endian", "").lower()
    if kind not in _DTYPES:
        raise VolumeError(f"{path}: its type is {kind[:50]!r}, a CT has real numbers")
    code = _DTYPES[kind]
    if order not in _ORDERS and not (code.endswith("1") and not order):
        raise VolumeError(f"{path}: broken NRRD header: its endian is {order[:50]!r}")
    return np.dtype(_ORDERS.get(order, "=") + code)
