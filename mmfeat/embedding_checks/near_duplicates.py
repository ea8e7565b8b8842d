"""Find pairs of cases with almost the same embedding, among all pairs, without looking at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.embedding_checks.spectrum import Array, Spectrum
from mmfeat.tabular.stored_vectors import Vectors

NEAR = 0.01
"""Distance of near-duplicates, as a share of that of two embeddings that have nothing in common.
One scan stored in two formats lies within rounding, far below."""
FEWEST_COLUMNS = 8
"""With fewer varying columns strangers may be as near by chance."""
_TREE_COMPONENTS = 8
_MOST_CANDIDATES = 2_000_000
_CHUNK_PAIRS = 2048


@dataclass(frozen=True, eq=False)
class DuplicatePairs:
    """Hold the pairs, the nearest first.

    Shape:
        - ``pairs``: ``(pairs, 2)``, row numbers, the smaller first.
        - ``distances``: ``(pairs,)``, 0 for the same, about 1 for strangers.
        - ``cosines``: ``(pairs,)``, of the standardised embeddings.
    """

    pairs: NDArray[np.int64]
    distances: Array
    cosines: Array


def near_duplicates(
    vectors: Vectors, rows: NDArray[np.int64], spectrum: Spectrum
) -> DuplicatePairs | str:
    """Return all pairs of rows that are nearer than `NEAR`, or why they cannot be told.

    The distance is that of standardised vectors, divided by the square root of twice the number of
    varying columns. Along a few principal directions no pair is farther apart than in all, so a
    tree over these finds every candidate, and each is then measured in full: nothing is missed, and
    time and memory grow with the cases and not with their pairs.

    Args:
        vectors: ``(cases, width)``, in memory or in files.
        rows: Row numbers of the cases.
        spectrum: Of these rows.
    """
    from scipy.spatial import cKDTree

    if spectrum.n_varying < FEWEST_COLUMNS:
        return f"only {spectrum.n_varying} columns vary, so that strangers may be alike by chance"
    unit = np.sqrt(2.0 * spectrum.n_varying)
    places = spectrum.projected(vectors, rows)[:, :_TREE_COMPONENTS] / unit
    tree = cKDTree(places)
    reach = NEAR * (1 + 1e-6)
    n_candidates = (int(tree.count_neighbors(tree, reach)) - len(rows)) // 2
    if n_candidates > _MOST_CANDIDATES:
        return f"{n_candidates:,} pairs look alike: the embeddings hardly differ"
    candidates = tree.query_pairs(reach, output_type="ndarray").astype(np.int64)
    measured = [
        _measured(vectors, rows, spectrum, candidates[first : first + _CHUNK_PAIRS])
        for first in range(0, len(candidates), _CHUNK_PAIRS)
    ]
    distances = np.concatenate([one[0] for one in measured]) if measured else np.zeros(0)
    cosines = np.concatenate([one[1] for one in measured]) if measured else np.zeros(0)
    distances /= unit
    pairs = rows[np.sort(candidates, axis=1)]
    order = np.lexsort((pairs[:, 1], pairs[:, 0], distances))
    order = order[distances[order] <= NEAR]
    return DuplicatePairs(pairs[order], distances[order], cosines[order])


def _measured(
    vectors: Vectors, rows: NDArray[np.int64], spectrum: Spectrum, pairs: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Return distance and cosine of pairs of places among the rows: ``(pairs,)`` each."""
    places, inverse = np.unique(pairs, return_inverse=True)
    scaled = spectrum.standardised(vectors[rows[places]])
    left, right = scaled[inverse.reshape(-1, 2)].swapaxes(0, 1)
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    cosines = np.divide(
        (left * right).sum(axis=1), lengths, out=np.ones(len(pairs)), where=lengths > 0
    )
    return np.linalg.norm(left - right, axis=1), cosines
