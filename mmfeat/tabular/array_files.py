"""Read everything in an NPZ or NPY file, pickled objects only where they are asked for."""

import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from mmfeat.errors import FeaturesError, one_line
from mmfeat.tabular.pickled_values import read_pickled_values

ARRAYS = (".npz", ".npy")
_TORN = (
    *(OSError, EOFError, ValueError, RuntimeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error),
)
"""What torn and damaged files raise."""
_MIB = 2**20
_LARGE_BYTES = 64 * _MIB
_MOST_FOLD = 50
"""How much smaller a large archive may be than what is in it; embeddings hardly shrink at all."""


def read_array_file(file: Path, *, trust_pickle: bool = False) -> object:
    """Return the array of an NPY file, or the arrays of an NPZ file by name.

    Args:
        file: NPZ or NPY, by its ending.
        trust_pickle: Take numbers, texts and plain containers out of pickled objects; nothing in
            them is run.

    Raises:
        FeaturesError: The file cannot be read, or holds a pickled object that is not to be read or
            is more than plain values.
    """
    try:
        with file.open("rb") as stream:
            if file.suffix.lower() == ".npy":
                return _read_array(file, "the array", stream, trust_pickle=trust_pickle)
            with zipfile.ZipFile(stream) as archive:
                return _read_archive(file, archive, trust_pickle=trust_pickle)
    except _TORN as error:
        kind = file.suffix.lower()[1:].upper()
        raise FeaturesError(f"{file}: cannot be read as {kind} ({one_line(error)})") from error


def _read_archive(
    file: Path, archive: zipfile.ZipFile, *, trust_pickle: bool
) -> Mapping[str, object]:
    content = {}
    for member in archive.infolist():
        packed, unpacked = max(1, member.compress_size), member.file_size
        if unpacked > _LARGE_BYTES and unpacked > _MOST_FOLD * packed:
            raise FeaturesError(
                f"{file}: `{member.filename}` has {packed // _MIB} MiB and unpacks to "
                f"{unpacked // _MIB} MiB, which no embeddings do; ask whoever gave you the file"
            )
        name = member.filename.removesuffix(".npy")
        with archive.open(member) as stream:
            content[name] = _read_array(file, f"`{name}`", stream, trust_pickle=trust_pickle)
    return content


def _read_array(file: Path, name: str, stream: IO[bytes], *, trust_pickle: bool) -> object:
    if not _header_dtype(stream).hasobject:
        stream.seek(0)
        return npy.read_array(stream, allow_pickle=False)
    if not trust_pickle:
        raise FeaturesError(
            f"{file}: {name} is a pickled Python object, as in Google's CT Foundation archives, "
            "and a pickle can run programs; with --trust-pickle only numbers, texts and plain "
            "containers are taken out of it, and nothing is run"
        )
    try:
        return read_pickled_values(stream.read())
    except ValueError as error:
        raise FeaturesError(
            f"{file}: {name} is a pickle of more than arrays and plain containers and is not read "
            f"({error}); where you trust it, load it with NumPy and save its vectors by numpy.savez"
        ) from error


def _header_dtype(stream: IO[bytes]) -> "np.dtype[Any]":
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    version = npy.read_magic(stream)
    if version not in readers:
        raise ValueError(f"version {version} of the NPY format")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that Python 2 wrote the header
        dtype: np.dtype[Any] = readers[version](stream)[2]
    return dtype
