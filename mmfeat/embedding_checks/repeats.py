"""How alike the embeddings of two scans of one patient are: test and retest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.embedding_checks.spectrum import Array

_CHUNK_CELLS = 10_000_000
_RANDOM_PAIRS = 10_000


@dataclass(frozen=True)
class RepeatedScans:
    """Say how alike scans of one patient are, beside those of two."""

    n_patients: int
    """With two scans or more."""
    n_scans: int
    """Of these patients."""
    n_pairs: int
    """Of scans of one patient, each with her next one."""
    distance_same: float
    """Median distance of two scans of one patient."""
    distance_other: float
    """Median distance of two scans of two patients."""
    found_again: float
    """Share of the scans whose nearest neighbour is of the same patient."""
    found_by_chance: float
    """The same if neighbours were drawn."""


def intraclass_correlation(values: ArrayLike, patient_ids: ArrayLike) -> Array:
    """Return for each column the share of the variance that lies between patients: ICC(1).

    One-way random effects (Shrout and Fleiss 1979), with the usual mean group size where patients
    have different numbers of scans. NaN where a column is constant, or no patient has two scans.

    Shape:
        - ``values``: ``(scans, columns)``; ``patient_ids``: ``(scans,)``. Output: ``(columns,)``.

    Example:
        >>> intraclass_correlation([[1.0], [1.0], [5.0], [5.0]], ["a", "a", "b", "b"]).tolist()
        [1.0]
    """
    scans = np.asarray(values, dtype=np.float64)
    _, patient = np.unique(np.asarray(patient_ids), return_inverse=True)
    sizes = np.bincount(patient).astype(np.float64)
    n_scans, n_patients = len(scans), len(sizes)
    if n_patients < 2 or n_scans == n_patients:
        return np.full(scans.shape[1], np.nan)
    sums = np.zeros((n_patients, scans.shape[1]))
    np.add.at(sums, patient, scans)
    means = sums / sizes[:, None]
    between = (sizes[:, None] * (means - scans.mean(axis=0)) ** 2).sum(axis=0) / (n_patients - 1)
    within = ((scans - means[patient]) ** 2).sum(axis=0) / (n_scans - n_patients)
    usual = (n_scans - (sizes**2).sum() / n_scans) / (n_patients - 1)
    total = between + (usual - 1) * within
    undefined = np.full(len(total), np.nan)
    return np.asarray(np.divide(between - within, total, out=undefined, where=total > 0))


def repeated_scans(places: Array, patient_ids: ArrayLike, *, seed: int) -> RepeatedScans | None:
    """Compare scans of one patient with those of others; None where no patient has two.

    Args:
        places: Along principal directions: ``(scans, components)``.
        patient_ids: ``(scans,)``.
        seed: Of the pairs of two patients that are drawn.
    """
    _, patient = np.unique(np.asarray(patient_ids), return_inverse=True)
    sizes = np.bincount(patient)
    repeated = np.flatnonzero(sizes[patient] > 1)
    if not len(repeated) or len(sizes) < 2:
        return None
    nearest, same = _nearest(places, repeated), _same_patient_distances(places, patient)
    return RepeatedScans(
        n_patients=int((sizes > 1).sum()),
        n_scans=len(repeated),
        n_pairs=len(same),
        distance_same=float(np.median(same)),
        distance_other=float(np.median(_other_distances(places, patient, seed))),
        found_again=float((patient[nearest] == patient[repeated]).mean()),
        found_by_chance=float(((sizes[patient[repeated]] - 1) / (len(patient) - 1)).mean()),
    )


def _nearest(places: Array, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row nearest to each of some rows, other than itself: ``(rows,)``."""
    squares = (places**2).sum(axis=1)
    found = np.empty(len(rows), np.int64)
    step = max(1, _CHUNK_CELLS // len(places))
    for first in range(0, len(rows), step):
        part = rows[first : first + step]
        distances = squares - 2 * places[part] @ places.T  # but for what is the same in a row
        distances[np.arange(len(part)), part] = np.inf
        found[first : first + step] = distances.argmin(axis=1)
    return found


def _same_patient_distances(places: Array, patient: NDArray[np.intp]) -> Array:
    """Return the distance of each scan to the patient's next one: ``(pairs,)``."""
    order = np.argsort(patient, kind="stable")
    left, right = order[:-1], order[1:]
    same = patient[left] == patient[right]
    return np.asarray(np.linalg.norm(places[left[same]] - places[right[same]], axis=1))


def _other_distances(places: Array, patient: NDArray[np.intp], seed: int) -> Array:
    left, right = np.random.default_rng(seed).integers(len(places), size=(2, _RANDOM_PAIRS))
    other = patient[left] != patient[right]
    return np.asarray(np.linalg.norm(places[left[other]] - places[right[other]], axis=1))
