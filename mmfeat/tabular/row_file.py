"""Rows of numbers in a file, read a few at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError

_SPAN_ROWS = 512
_LEAST_DENSITY = 1 / 8
"""Where fewer of a span's rows than this are wanted, they are read one by one."""


@dataclass(frozen=True)
class RowFile:
    """Say where ``(rows, width)`` numbers lie in a file, without gaps.

    Reading takes no memory but that of what is asked for, as mapping the file would.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "rows.bin"
        >>> np.arange(6, dtype="<f2").tofile(file)
        >>> RowFile(file, 0, "<f2", n_rows=3, width=2).read(np.array([0, 2]))
        array([[0., 1.],
               [4., 5.]], dtype=float16)
    """

    path: Path
    offset_bytes: int
    dtype: str
    n_rows: int
    width: int

    def read(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return some rows, which are given in rising order: ``(len(rows), width)``.

        Raises:
            FeaturesError: The file has gone or is shorter than it was.
        """
        values = np.empty((len(rows), self.width), self.dtype)
        starts = np.flatnonzero(np.diff(rows // _SPAN_ROWS, prepend=-1))
        for start, wanted in zip(starts, np.split(rows, starts[1:]), strict=False):
            stop = start + len(wanted)
            first, last = int(wanted[0]), int(wanted[-1])
            n_span = last - first + 1
            if len(wanted) == n_span:
                values[start:stop] = self._read_span(first, n_span)
            elif len(wanted) >= _LEAST_DENSITY * n_span:
                values[start:stop] = self._read_span(first, n_span)[wanted - first]
            else:
                values[start:stop] = np.concatenate([self._read_span(int(r), 1) for r in wanted])
        return values

    def _read_span(self, first: int, n_rows: int) -> NDArray[Any]:
        row_bytes = self.width * np.dtype(self.dtype).itemsize
        try:
            values = np.fromfile(
                self.path,
                self.dtype,
                count=n_rows * self.width,
                offset=self.offset_bytes + first * row_bytes,
            )
        except OSError as error:
            raise FeaturesError(
                f"{self.path}: cannot be read any more ({error.strerror}); run the command again"
            ) from error
        if len(values) < n_rows * self.width:
            raise FeaturesError(f"{self.path}: is shorter than it was; run the command again")
        return values.reshape(n_rows, self.width)
