"""Draw patients with replacement; every case comes along with its patient."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.ranked_cases import Array


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
        generator = np.random.default_rng(self._seed)
        for first in range(0, self.n_resamples, rows):
            n_rows = min(rows, self.n_resamples - first)
            drawn = generator.integers(self.n_patients, size=(n_rows, self.n_patients))
            drawn += self.n_patients * np.arange(n_rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=n_rows * self.n_patients)
            yield counts.reshape(n_rows, -1).astype(np.float64)[:, self._patient_of_case]
