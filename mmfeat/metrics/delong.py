"""DeLong's variance of AUROCs of the same cases, by fold and by patient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from mmfeat.metrics.ranked_cases import Array, checked_labels_and_scores

_SMALLEST_VARIANCE = 1e-15
"""Below this a difference of AUROCs is rounding: the scores order the pairs alike."""


@dataclass(frozen=True)
class DelongAuroc:
    """Hold an AUROC with its standard error and a symmetric interval."""

    auroc: float
    se: float
    low: float
    high: float


@dataclass(frozen=True)
class DelongTest:
    """Hold the difference of two AUROCs of the same cases, with its two-sided test."""

    difference: float
    se: float
    low: float
    high: float
    z: float
    p: float


class DelongAurocs:
    """Compute AUROCs of several scores of the same cases, and their covariance.

    The variance is that of DeLong et al. (Biometrics 1988), and Obuchowski's (Biometrics 1997)
    where a patient has several cases, which then are no independent ones; with one case for each
    patient both are the same. Folds are strata: an AUROC is the mean of those of the folds,
    weighted by their pairs as `auroc_within_folds` does, and its variance the sum of theirs, by the
    squares of these weights. A fold with fewer than two patients on one side has no variance.

    Shape:
        - ``labels``: ``(cases,)`` of 0 and 1; ``scores``: ``(scores, cases)``.
        - ``folds``, ``patient_ids``: ``(cases,)``; None: one fold, or a patient for each case.

    Raises:
        ValueError: The arrays do not fit, or no fold has two patients of each class.

    Example:
        >>> found = DelongAurocs([0, 0, 0, 1, 1, 1], [[1, 2, 4, 3, 5, 6]])
        >>> round(found.auroc(0).auroc, 4)
        0.8889
    """

    def __init__(
        self,
        labels: ArrayLike,
        scores: Sequence[ArrayLike],
        *,
        folds: ArrayLike | None = None,
        patient_ids: ArrayLike | None = None,
    ) -> None:
        checked = [checked_labels_and_scores(labels, one) for one in scores]
        positive = checked[0][0] == 1
        values = np.stack([one for _, one in checked])
        n_cases = len(positive)
        fold_of = np.zeros(n_cases) if folds is None else np.asarray(folds)
        patients = np.arange(n_cases) if patient_ids is None else np.asarray(patient_ids)
        if fold_of.shape != (n_cases,) or patients.shape != (n_cases,):
            raise ValueError(
                f"expected folds and patients of {n_cases} cases, got {fold_of.shape} and "
                f"{patients.shape}"
            )
        aurocs, covariance, n_pairs = np.zeros(len(values)), np.zeros((len(values),) * 2), 0
        self.n_folds = 0
        for fold in np.unique(fold_of):
            rows = np.flatnonzero(fold_of == fold)
            pairs = int(positive[rows].sum() * (~positive[rows]).sum())
            if not pairs:
                continue
            of_fold = _of_fold(positive[rows], values[:, rows], patients[rows])
            aurocs += pairs * of_fold[0]
            covariance += pairs**2 * of_fold[1]
            n_pairs += pairs
            self.n_folds += 1
        if not n_pairs:
            raise ValueError("no fold has both positive and negative cases")
        self._aurocs, self._covariance = aurocs / n_pairs, covariance / n_pairs**2
        if np.isnan(self._covariance).any():
            raise ValueError("a fold has fewer than two patients with positive or negative cases")
        self.n_positive, self.n_negative = int(positive.sum()), int((~positive).sum())

    def auroc(self, place: int, confidence: float = 0.95) -> DelongAuroc:
        """Return one AUROC with its interval, which is cut at 0 and 1."""
        value, se = float(self._aurocs[place]), float(np.sqrt(self._covariance[place, place]))
        reach = _quantile(confidence) * se
        return DelongAuroc(value, se, max(0.0, value - reach), min(1.0, value + reach))

    def difference(self, left: int, right: int, confidence: float = 0.95) -> DelongTest:
        """Return how much larger the first AUROC is, and the test of no difference."""
        value = float(self._aurocs[left] - self._aurocs[right])
        one, other, both = (
            float(self._covariance[place])
            for place in ((left, left), (right, right), (left, right))
        )
        variance = one + other - 2 * both
        if variance < _SMALLEST_VARIANCE:
            same = abs(value) < np.sqrt(_SMALLEST_VARIANCE)
            z = 0.0 if same else float(np.copysign(np.inf, value))
            return DelongTest(value, 0.0, value, value, z=z, p=1.0 if same else 0.0)
        se = float(np.sqrt(variance))
        reach, z = _quantile(confidence) * se, value / se
        return DelongTest(value, se, value - reach, value + reach, z=z, p=float(2 * ndtr(-abs(z))))


def _quantile(confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2))


def _of_fold(
    positive: NDArray[np.bool_], scores: Array, patients: NDArray[np.generic]
) -> tuple[Array, Array]:
    """Return the AUROCs of one fold and their covariance: ``(scores,)``, ``(scores, scores)``."""
    # Of each case: the share of those of the other class that it is on the right side of.
    above = np.stack([_share_below(row[positive], row[~positive]) for row in scores])
    below = np.stack([_share_below(-row[~positive], -row[positive]) for row in scores])
    aurocs: Array = above.mean(axis=1)
    names, patient = np.unique(patients, return_inverse=True)
    covariance = np.zeros((len(scores), len(scores)))
    sums = []
    for values, rows in ((above, positive), (below, ~positive)):
        centred = (values - aurocs[:, None]) / rows.sum()
        sums.append(_by_patient(centred, patient[rows], len(names)))
        covariance += _corrected(sums[-1] @ sums[-1].T, len(np.unique(patient[rows])))
    if len(names) < len(patients):
        both = sums[0] @ sums[1].T
        covariance += _corrected(both + both.T, len(names))
    return aurocs, covariance


def _share_below(values: Array, others: Array) -> Array:
    """Return the share of the others that lie below each value, ties half: ``(values,)``."""
    ordered = np.sort(others)
    places = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return places / (2 * len(others))


def _by_patient(values: Array, patient: NDArray[np.intp], n_patients: int) -> Array:
    """Return the sums over the cases of each patient: ``(scores, patients)``, 0 without a case."""
    return np.stack([np.bincount(patient, weights=row, minlength=n_patients) for row in values])


def _corrected(products: Array, n: int) -> Array:
    """Return sums of products about a mean as unbiased ones; NaN of a single patient."""
    return products * n / (n - 1) if n > 1 else np.full_like(products, np.nan)
