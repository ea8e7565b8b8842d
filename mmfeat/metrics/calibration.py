"""Do probabilities mean what they say: calibration error and reliability in bins of equal mass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, Cumulated, RankedCases, checked_weights, ratio
from mmfeat.metrics.whole_weights import searched

_FEW_CASES = 4000
"""Of so few cases running sums of all resamples are made at once; of more, bins one by one, which
takes longer to begin and less for each case."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Hold one group of cases with similar predictions."""

    predicted: float
    """Mean predicted probability."""
    observed: float
    """Share of positive cases."""
    n: int
    n_positive: int


def expected_calibration_error(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None, *, bins: int = 10
) -> float:
    """Return the mean over cases of |observed - predicted| of the case's bin.

    Bins have equal mass. Cases with the same probability stay together, in the bin where the middle
    of their mass lies, so neither the order of the cases nor writing a case twice instead of
    weighting it changes the result.

    Example:
        >>> expected_calibration_error([0, 0, 1, 1], [0.25, 0.25, 0.5, 0.5], bins=2)
        0.375
    """
    ranked = RankedCases(labels, probabilities)
    rows = checked_weights(weights, len(ranked.labels))
    return float(calibration_error_of(ranked, ranked.cumulate(rows), bins=bins)[0])


def calibration_error_of(ranked: RankedCases, cumulated: Cumulated, *, bins: int) -> Array:
    """Return the expected calibration error of each resample: ``(resamples,)``."""
    edges = _bin_edges(cumulated, bins)
    positive = np.diff(np.take_along_axis(cumulated.positive, edges, axis=1), axis=1)
    gaps = positive - _predicted_in_bins(ranked, cumulated, edges)  # (resamples, bins)
    return ratio(np.abs(gaps).sum(axis=1), cumulated.total)


def reliability_bins(
    labels: ArrayLike, probabilities: ArrayLike, *, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Return the bins of the calibration error from the lowest; empty ones are left out."""
    ranked = RankedCases(labels, probabilities)
    cumulated = ranked.cumulate(np.ones((1, len(ranked.labels))))
    edges = _bin_edges(cumulated, bins)
    counts = np.diff(cumulated.weight[0, edges[0]])
    positives = np.diff(cumulated.positive[0, edges[0]])
    predicted = _predicted_in_bins(ranked, cumulated, edges)[0]
    return tuple(
        ReliabilityBin(
            predicted=float(total / n), observed=float(k / n), n=int(n), n_positive=int(k)
        )
        for n, k, total in zip(counts, positives, predicted, strict=True)
        if n > 0
    )


def _bin_edges(cumulated: Cumulated, bins: int) -> NDArray[np.int64]:
    """Return the columns of the sums at which bins begin and end: ``(resamples, bins + 1)``."""
    # A score belongs to bin k when k <= bins * (middle of its mass) / total < k + 1; this is
    # multiplied out, so that whole numbers are compared exactly. The middle of the mass lies
    # between the sums on either side, so the sums are searched, and then the score before.
    sums = cumulated.weight
    edges = np.zeros((len(sums), bins + 1), dtype=np.int64)
    edges[:, -1] = sums.shape[1] - 1
    wanted = np.arange(1, bins) * cumulated.total[:, None]  # (resamples, bins - 1)
    targets = wanted / bins
    if sums.dtype == np.int32:
        targets = np.ceil(targets - 1e-6)
    edges[:, 1:-1] = searched(sums, targets, side="left")
    inner = edges[:, 1:-1]
    before = np.maximum(inner - 1, 0)
    middles = np.take_along_axis(sums, before, axis=1).astype(np.float64)
    middles += np.take_along_axis(sums, np.minimum(before + 1, sums.shape[1] - 1), axis=1)
    edges[:, 1:-1] = np.where(bins * middles >= 2 * wanted, before, inner)
    return edges


def _predicted_in_bins(
    ranked: RankedCases, cumulated: Cumulated, edges: NDArray[np.int64]
) -> Array:
    """Return the sum of weight times score of each bin: ``(resamples, bins)``."""
    scores, first = ranked.scores[ranked.order], ranked.ends[edges]
    if len(scores) <= _FEW_CASES:
        running = np.zeros((len(edges), len(scores) + 1))
        np.cumsum(cumulated.ordered * scores, axis=1, out=running[:, 1:])
        return np.asarray(np.diff(np.take_along_axis(running, first, axis=1), axis=1))
    sums = np.zeros((len(edges), edges.shape[1] - 1))
    of_cases = np.empty(len(scores))
    for row, ordered in enumerate(cumulated.ordered):
        filled = np.flatnonzero(np.diff(first[row]))
        if len(filled):
            np.multiply(ordered, scores, out=of_cases)
            sums[row, filled] = np.add.reduceat(of_cases, first[row, filled])
    return sums
