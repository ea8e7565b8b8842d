"""Vectors of a cohort larger than memory: they stay in files, and are scaled as they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.vector_scaling import VectorScaling

BLOCK_ROWS = 2048
Rows = NDArray[np.int64] | NDArray[np.bool_] | slice


@dataclass(frozen=True, eq=False)
class StoredVectors:
    """Hold where the vectors of each case lie, and how they become its vector.

    Shape:
        - ``places``: ``(scans,)``, row numbers over all files, one after the other; those of one
          case lie side by side.
        - ``offsets``: ``(cases + 1,)``; the scans of case ``i`` are ``offsets[i]`` to ``offsets[i +
          1]``, without the last. A case without any is zero.
    """

    files: tuple[RowFile, ...]
    places: NDArray[np.int64]
    offsets: NDArray[np.int64]
    pooling: Literal["mean", "max"] = "mean"
    """Of a case's scans."""
    scaling: VectorScaling | None = None

    def __post_init__(self) -> None:
        """Check that every case can be read."""
        widths = {file.width for file in self.files}
        n_rows = sum(file.n_rows for file in self.files)
        if len(widths) != 1:
            raise ValueError(f"files must be of one width, got {sorted(widths)}")
        if len(self.places) and not 0 <= self.places.min() <= self.places.max() < n_rows:
            raise ValueError(f"places must be from 0 to {n_rows - 1}")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.places):
            raise ValueError(f"offsets must rise from 0 to {len(self.places)}")

    @classmethod
    def of_rows(cls, files: tuple[RowFile, ...], rows: NDArray[np.int64]) -> "StoredVectors":
        """Return vectors of which each case has one, or none where its row is -1."""
        offsets = np.concatenate([[0], np.cumsum(rows >= 0)])
        return cls(files, rows[rows >= 0], offsets)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cases and width."""
        return len(self), self.files[0].width

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """Type of what is read."""
        return np.dtype(np.float32)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of scans of each case: ``(cases,)``."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.offsets) - 1

    def take(self, rows: Rows) -> "StoredVectors":
        """Return what stands for some of the cases; nothing is read."""
        chosen = row_numbers_of(rows, len(self))
        counts = self.counts[chosen]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
        places = self.places[np.repeat(self.offsets[:-1][chosen], counts) + within]
        return replace(self, places=places, offsets=offsets)

    def scaled(self, scaling: VectorScaling) -> "StoredVectors":
        """Return the same on another scale; a case without a scan stays zero."""
        return replace(self, scaling=scaling)

    def __getitem__(self, rows: Rows) -> NDArray[np.float32]:
        """Read the vectors of some cases: ``(rows, width)``, float32."""
        part = self.take(rows)
        return part._pooled(part._read())

    def _read(self) -> NDArray[np.float32]:
        """Read all scans in the order of the files, and give them back in that of ``places``."""
        distinct, inverse = np.unique(self.places, return_inverse=True)
        ends = np.cumsum([file.n_rows for file in self.files])
        cuts = np.searchsorted(distinct, ends)
        parts, first = [], 0
        for file, end, cut in zip(self.files, ends, cuts, strict=True):
            if cut > first:
                parts.append(file.read(distinct[first:cut] - (end - file.n_rows)))
                first = cut
        if not parts:
            return np.zeros((0, self.files[0].width), np.float32)
        values = parts[0] if len(parts) == 1 else np.concatenate(parts)
        values = values.astype(np.float32, copy=False)
        in_order = len(distinct) == len(inverse) and bool((np.diff(inverse) > 0).all())
        return values if in_order else values[inverse]

    def _pooled(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        counts = self.counts
        some, starts = counts > 0, self.offsets[:-1][counts > 0]
        pooled = vectors
        if counts.max(initial=0) > 1 and self.pooling == "mean":
            sums = np.add.reduceat(vectors, starts, axis=0, dtype=np.float64)
            pooled = (sums / counts[some, None]).astype(np.float32)
        elif counts.max(initial=0) > 1:
            pooled = np.maximum.reduceat(vectors, starts, axis=0)
        if self.scaling is not None:
            pooled = self.scaling.scale(pooled)
        if some.all():
            return pooled
        spread = np.zeros(self.shape, np.float32)
        spread[some] = pooled
        return spread


@dataclass(frozen=True, eq=False)
class JoinedVectors:
    """Stand for several arrays side by side, of which at least one is read from files."""

    parts: tuple["Vectors", ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cases and width."""
        return len(self), sum(part.shape[1] for part in self.parts)

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.parts[0])

    def take(self, rows: Rows) -> "JoinedVectors":
        """Return what stands for some of the cases."""
        return JoinedVectors(tuple(rows_of(part, rows) for part in self.parts))

    def __getitem__(self, rows: Rows) -> NDArray[np.float32]:
        """Read some rows: ``(rows, width)``."""
        return np.hstack([part[rows] for part in self.parts])


LazyVectors = StoredVectors | JoinedVectors
"""What stands for an array ``(cases, width)``, of which only some rows are made at a time."""
Vectors = NDArray[np.float32] | LazyVectors
"""Vectors in memory or not: both give rows by their numbers, a mask or a slice."""


def rows_of(vectors: Vectors, rows: Rows) -> Vectors:
    """Return some rows of an array, or what stands for them, without reading anything."""
    return vectors[rows] if isinstance(vectors, np.ndarray) else vectors.take(rows)


def side_by_side(parts: Sequence[Vectors]) -> Vectors:
    """Join arrays along their columns, without reading anything."""
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    return np.hstack(arrays) if len(arrays) == len(parts) else JoinedVectors(tuple(parts))


def blocks_of(n_rows: int, size: int = BLOCK_ROWS) -> Iterator[slice]:
    """Give slices that cover all rows, each of ``size`` or fewer."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def row_numbers_of(rows: Rows, n_rows: int) -> NDArray[np.int64]:
    """Turn a slice or a mask into row numbers; numbers stay as they are."""
    if isinstance(rows, slice):
        return np.arange(n_rows)[rows]
    if rows.dtype == np.bool_:
        return np.flatnonzero(rows)
    return rows.astype(np.int64, copy=False)
