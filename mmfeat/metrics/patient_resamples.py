"""Draw patients with replacement; every case comes along with its patient."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array

_MOST_KEPT = 60_000_000
"""Draws up to which all of them are kept, two bytes each."""
_DRAWN_AT_ONCE = 500_000


class PatientResamples:
    """Hold which patients there are, and draw how often each is in each resample.

    A resample is a row of weights: a case counts as often as its patient was drawn. The same
    patients, seed and number of resamples give the same draws, whatever the order of the cases and
    the size of the chunks, so everything computed from the same cases can be compared by resample.

    Example:
        >>> resamples = PatientResamples(["a", "a", "b"], n_resamples=4, seed=0)
        >>> (weights,) = resamples.chunks(max_cells=100)
        >>> weights.shape, bool((weights[:, 0] == weights[:, 1]).all())
        ((4, 3), True)
    """

    def __init__(self, patient_ids: ArrayLike, *, n_resamples: int, seed: int) -> None:
        if n_resamples < 1:
            raise ValueError(f"n_resamples must be 1 or more, got {n_resamples}")
        patients, self._patient_of_case = np.unique(np.asarray(patient_ids), return_inverse=True)
        self.n_patients = len(patients)
        self.n_resamples = n_resamples
        self._seed = seed

    def chunks(self, *, max_cells: int) -> Iterator[Array]:
        """Yield the weights of all resamples, some rows at a time: ``(rows, cases)``.

        Args:
            max_cells: Most numbers in one chunk, unless one row alone has more.
        """
        if self.n_patients == 0:
            return
        n_cases = len(self._patient_of_case)
        rows = max(1, max_cells // max(n_cases, self.n_patients))
        for counts in self._counts(rows):
            yield np.take(counts, self._patient_of_case, axis=1).astype(np.float64)

    def _counts(self, rows: int) -> Iterator[NDArray[np.uint16]]:
        """Yield how often each patient is drawn, some resamples at a time: ``(rows, patients)``."""
        if self.n_resamples * self.n_patients <= _MOST_KEPT:
            kept = _drawn_whole(self.n_patients, self.n_resamples, self._seed)
            for first in range(0, self.n_resamples, rows):
                yield kept[first : first + rows]
        else:
            yield from _drawn(self.n_patients, self.n_resamples, self._seed, rows)


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
