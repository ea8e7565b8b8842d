"""Draw patients with replacement; every case comes along with its patient."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array

_MOST_KEPT = 60_000_000
"""Draws up to which all of them are kept, two bytes each."""
_DRAWN_AT_ONCE = 500_000
_MOST_OF_PART = 20_000_000
"""Draws of one part."""
_USUAL_CELLS, _MOST_CELLS = 125_000, 500_000
"""Numbers in a chunk: 1 MB of float64, so that a handful of such arrays stays in the processor's
cache and is not mapped anew each time; up to 4 MB for some rows of many cases."""
_WANTED_ROWS = 20


class PatientResamples:
    """Hold which patients there are, and draw how often each is in each resample.

    A resample is a row of weights: a case counts as often as its patient was drawn. The same
    patients, seed and number of resamples give the same draws, whatever the order of the cases and
    the size of the chunks, so everything computed from the same cases can be compared by resample.

    Example:
        >>> resamples = PatientResamples(["a", "a", "b"], n_resamples=4, seed=0)
        >>> (weights,) = resamples.chunks()
        >>> weights.shape, bool((weights[:, 0] == weights[:, 1]).all())
        ((4, 3), True)
    """

    def __init__(self, patient_ids: ArrayLike, *, n_resamples: int, seed: int) -> None:
        if n_resamples < 1:
            raise ValueError(f"n_resamples must be 1 or more, got {n_resamples}")
        patients, self._patient_of_case = np.unique(np.asarray(patient_ids), return_inverse=True)
        self.n_patients, self.n_cases = len(patients), len(self._patient_of_case)
        self.n_resamples = n_resamples
        self._seed = seed

    def chunks(self) -> Iterator[Array]:
        """Yield the weights of all resamples, some rows at a time: ``(rows, cases)``."""
        for part in self.parts(1):
            yield from part.chunks()

    def parts(self, n_parts: int) -> Iterator["PartOfResamples"]:
        """Yield so many parts or more, one after the other, that have the chunks of the whole.

        There are fewer where the whole has fewer chunks, none without a patient.
        """
        if self.n_patients == 0:
            return
        rows = self._rows_of_chunk()
        n_chunks = math.ceil(self.n_resamples / rows)
        most_chunks = max(1, _MOST_OF_PART // (rows * self.n_patients))
        for counts in self._counts(rows * min(math.ceil(n_chunks / n_parts), most_chunks)):
            yield PartOfResamples(counts, self._patient_of_case, rows)

    def _rows_of_chunk(self) -> int:
        n = self.n_cases
        return max(1, min(max(_USUAL_CELLS // n, _WANTED_ROWS), _MOST_CELLS // n))

    def _counts(self, rows: int) -> Iterator[NDArray[np.uint16]]:
        """Yield how often each patient is drawn, some resamples at a time: ``(rows, patients)``."""
        if self.n_resamples * self.n_patients <= _MOST_KEPT:
            kept = _drawn_whole(self.n_patients, self.n_resamples, self._seed)
            for first in range(0, self.n_resamples, rows):
                yield kept[first : first + rows]
        else:
            yield from _drawn(self.n_patients, self.n_resamples, self._seed, rows)


@dataclass(frozen=True, eq=False)
class PartOfResamples:
    """Some of the resamples, small enough to be handed to another process.

    Shape:
        - ``counts``: ``(resamples, patients)``, how often each patient was drawn.
        - ``patient_of_case``: ``(cases,)``.
    """

    counts: NDArray[np.uint16]
    patient_of_case: NDArray[np.int64]
    rows_of_chunk: int

    def chunks(self) -> Iterator[Array]:
        """Yield the weights, some rows at a time: ``(rows, cases)``."""
        for first in range(0, len(self.counts), self.rows_of_chunk):
            counts = self.counts[first : first + self.rows_of_chunk]
            yield np.take(counts, self.patient_of_case, axis=1).astype(np.float64)


@lru_cache(maxsize=4)
def _drawn_whole(n_patients: int, n_resamples: int, seed: int) -> NDArray[np.uint16]:
    """Draw all resamples, for the many sets of predictions of the same patients."""
    rows = max(1, _DRAWN_AT_ONCE // n_patients)
    return np.concatenate(list(_drawn(n_patients, n_resamples, seed, rows)))


def _drawn(n_patients: int, n_resamples: int, seed: int, rows: int) -> Iterator[NDArray[np.uint16]]:
    generator = np.random.default_rng(seed)
    for first in range(0, n_resamples, rows):
        n_rows = min(rows, n_resamples - first)
        drawn = generator.integers(n_patients, size=(n_rows, n_patients))
        drawn += n_patients * np.arange(n_rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=n_rows * n_patients)
        yield counts.reshape(n_rows, -1).astype(np.uint16)
