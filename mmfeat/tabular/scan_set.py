"""The vectors of all scans of all cases, or of all their tokens, of any number each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ScanSet:
    """Hold the vectors of several scans a case; those of one case lie side by side.

    Within a case they are in the order of their days, and then of their paths; those of unknown
    days come last. A row is a scan; or a token of one, where ``scan_numbers`` says of which: a
    scan's tokens lie side by side then, in the order of its windows.

    Shape:
        - ``vectors``: ``(rows, width)``, float32.
        - ``offsets``: ``(cases + 1,)``, int64; the rows of case ``i`` are ``offsets[i]`` to
          ``offsets[i + 1]``, without the last.
        - ``days``: ``(rows,)``, float64: days from the scan to the index date, NaN if not known.
        - ``scan_numbers``: ``(rows,)``, int64: the scan of each token, by its number in its case.

    Example:
        >>> vectors = np.array([[1.0], [3.0], [5.0]], np.float32)
        >>> scans = ScanSet(vectors, np.array([0, 2, 2, 3]), np.array([10.0, 400.0, np.nan]))
        >>> scans.counts
        array([2, 0, 1])
        >>> scans.of_case(0)
        array([[1.],
               [3.]], dtype=float32)
    """

    vectors: NDArray[np.float32]
    offsets: NDArray[np.int64]
    days: NDArray[np.float64]
    scan_numbers: NDArray[np.int64] | None = None
    """None where each row is a scan."""

    def __post_init__(self) -> None:
        """Check shapes and values."""
        n_rows = len(self.vectors)
        if self.vectors.ndim != 2 or self.vectors.dtype != np.float32:
            found = f"{self.vectors.dtype} {self.vectors.shape}"
            raise ValueError(f"vectors must be float32 rows x width, got {found}")
        # NaN and infinity show in the extremes; a mask would take a quarter of the vectors' memory.
        if not np.isfinite([self.vectors.min(initial=0), self.vectors.max(initial=0)]).all():
            raise ValueError("vectors must be finite")
        ends = self.offsets[[0, -1]].tolist() if len(self.offsets) else []
        if ends != [0, n_rows] or (np.diff(self.offsets) < 0).any():
            raise ValueError(f"offsets must rise from 0 to {n_rows}, got {self.offsets.tolist()}")
        for name in ("days", "scan_numbers"):
            found = getattr(self, name)
            if found is not None and found.shape != (n_rows,):
                raise ValueError(f"{name} must be of {n_rows} rows, got {found.shape}")

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of rows of each case: ``(cases,)``."""
        return np.diff(self.offsets)

    @property
    def cases(self) -> NDArray[np.int64]:
        """Number of each row's case: ``(rows,)``."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def of_case(self, row: int) -> NDArray[np.float32]:
        """Return the vectors of one case: ``(rows of the case, width)``."""
        return self.vectors[self.offsets[row] : self.offsets[row + 1]]

    def of_cases(self, rows: NDArray[np.int64]) -> "ScanSet":
        """Return the set of some cases, in that order, as if there were no others.

        Shape:
            - ``rows``: ``(chosen,)``, row numbers of cases.
        """
        counts = self.counts[rows]
        ends = np.cumsum(counts)
        shifts = self.offsets[:-1][rows] - (ends - counts)
        places = np.arange(counts.sum()) + np.repeat(shifts, counts)
        return ScanSet(
            self.vectors[places],
            np.concatenate([[0], ends]),
            self.days[places],
            None if self.scan_numbers is None else self.scan_numbers[places],
        )
