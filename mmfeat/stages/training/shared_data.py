"""Give a fold's data to other processes: large arrays as memory-mapped files, the rest as bytes."""

import io
import mmap
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_SMALLEST_FILE = 1 << 16
"""Bytes of an array from which on it is worth a file."""


class ArrayFolder:
    """Keep arrays as files, each once, however many packets it is part of.

    What is packed stays in memory of the process that packs it only as long as others hold it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[int, tuple[Path, NDArray[Any]]] = {}

    def pack(self, value: object) -> bytes:
        """Return what `unpack` makes the value of, in a process that sees the folder.

        Both processes are ours: nobody else's bytes are ever unpacked.
        """
        stream = io.BytesIO()
        _Packer(stream, self._file_of).dump(value)
        return stream.getvalue()

    def forget(self) -> None:
        """Remove the files; processes that have them open keep what they see."""
        for file, _ in self._files.values():
            file.unlink(missing_ok=True)
        self._files.clear()

    def _file_of(self, array: NDArray[Any]) -> Path:
        if id(array) not in self._files:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / f"array-{len(self._files)}.npy"
            np.save(file, array)
            # The array is held, or another could get its number.
            self._files[id(array)] = file, array
        return self._files[id(array)][0]


def unpack(content: bytes) -> Any:  # noqa: ANN401 - whatever was packed
    """Return what was packed; its large arrays are views of files, which writing never changes."""
    return pickle.loads(content)


class _Packer(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, file_of: Callable[[NDArray[Any]], Path]) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._file_of = file_of

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as pickle defines it
        """Say how a large array is made again: from its own file, or from one of the folder."""
        if not isinstance(value, np.ndarray) or value.nbytes < _SMALLEST_FILE:
            return NotImplemented
        if value.dtype.hasobject:
            return NotImplemented
        if isinstance(value, np.memmap) and _is_whole(value):
            place = (str(value.filename), value.dtype, value.offset, value.shape)
            return _mapped, (*place, "C" if value.flags.c_contiguous else "F")
        return _loaded, (str(self._file_of(value)),)


def _is_whole(array: np.memmap[Any, Any]) -> bool:
    """Say whether an array is all that its file was opened for, not a view of a part of it."""
    base: object = array.base
    return isinstance(base, mmap.mmap)


def _mapped(
    file: str,
    dtype: np.dtype[Any],
    offset: int,
    shape: tuple[int, ...],
    order: Literal["C", "F"],
) -> NDArray[Any]:
    return np.memmap(file, dtype=dtype, mode="c", offset=offset, shape=shape, order=order)


def _loaded(file: str) -> NDArray[Any]:
    return np.asarray(np.load(file, mmap_mode="c", allow_pickle=False))
