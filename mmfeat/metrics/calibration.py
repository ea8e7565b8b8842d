"""Do probabilities mean what they say: calibration error and reliability in bins of equal mass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, Cumulated, RankedCases, checked_weights, ratio


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
    return float(calibration_error_of(ranked, rows, ranked.cumulate(rows), bins=bins)[0])


def calibration_error_of(
    ranked: RankedCases, weights: Array, cumulated: Cumulated, *, bins: int
) -> Array:
    """Return the expected calibration error of each resample: ``(resamples,)``."""
    excess = ranked.cumulate_value(weights, ranked.labels - ranked.scores)
    edges = _bin_edges(cumulated, bins)
    gaps = np.diff(np.take_along_axis(excess, edges, axis=1), axis=1)  # (resamples, bins)
    return ratio(np.abs(gaps).sum(axis=1), cumulated.total)


def reliability_bins(
    labels: ArrayLike, probabilities: ArrayLike, *, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Return the bins of the calibration error from the lowest; empty ones are left out."""
    ranked = RankedCases(labels, probabilities)
    ones = np.ones((1, len(ranked.labels)))
    cumulated = ranked.cumulate(ones)
    edges = _bin_edges(cumulated, bins)[0]
    counts = np.diff(cumulated.weight[0, edges])
    positives = np.diff(cumulated.positive[0, edges])
    predicted = np.diff(ranked.cumulate_value(ones, ranked.scores)[0, edges])
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
    # multiplied out, so that whole numbers are compared exactly.
    middles = bins * (cumulated.weight[:, 1:] + cumulated.weight[:, :-1])
    edges = np.zeros((len(middles), bins + 1), dtype=np.int64)
    edges[:, -1] = middles.shape[1]
    wanted = 2 * np.arange(1, bins) * cumulated.total[:, None]  # (resamples, bins - 1)
    for row, (values, targets) in enumerate(zip(middles, wanted, strict=True)):
        edges[row, 1:-1] = np.searchsorted(values, targets, side="left")
    return edges
