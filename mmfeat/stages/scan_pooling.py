"""Make one feature of the features of a case's scans."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import StoredVectors

PoolingRule = Literal["mean", "max", "latest", "earliest", "set"]


def pool_scans(scans: ScanSet, rule: PoolingRule) -> NDArray[np.float32]:
    """Return one vector for each case, zeros for a case without scans; one scan alone is itself.

    Args:
        scans: The vectors of all scans.
        rule: Over a case's scans the ``mean`` or ``max`` of each value, or the vector of the
            ``latest`` or ``earliest`` one, by the days to the index date; of two on one day that
            with the first path. ``set`` gives the mean.

    Shape:
        - Output: ``(cases, width)``, float32.
    """
    pooled = np.zeros((len(scans.counts), scans.vectors.shape[1]), np.float32)
    some = scans.counts > 0
    if not some.any():
        return pooled
    starts = scans.offsets[:-1][some]
    match rule:
        case "mean" | "set":
            sums = np.add.reduceat(scans.vectors, starts, axis=0, dtype=np.float64)
            pooled[some] = sums / scans.counts[some, None]
        case "max":
            pooled[some] = np.maximum.reduceat(scans.vectors, starts, axis=0)
        case "latest" | "earliest":
            pooled[some] = scans.vectors[chosen_scans(scans, rule)]
    return pooled


def pool_stored(stored: StoredVectors, scans: ScanSet, rule: PoolingRule) -> StoredVectors:
    """Return what stands for the vector of each case that ``pool_scans`` gives.

    Args:
        stored: Each scan as a case of its own.
        scans: How many scans each case has, and of what days; its vectors are not looked at.
        rule: As in ``pool_scans``.
    """
    chosen = chosen_scans(scans, rule)
    is_one = rule in ("latest", "earliest")
    counts = np.minimum(scans.counts, 1) if is_one else scans.counts
    return StoredVectors(
        stored.files,
        stored.places[chosen],
        np.concatenate([[0], np.cumsum(counts)]),
        "max" if rule == "max" else "mean",
    )


def chosen_scans(scans: ScanSet, rule: PoolingRule) -> NDArray[np.int64]:
    """Return the row numbers of the scans that a rule looks at: one of each case, or all."""
    some = scans.counts > 0
    starts = scans.offsets[:-1][some]
    match rule:
        case "latest":  # the fewest days before the index date, and they come first
            return starts
        case "earliest":
            stops = scans.offsets[1:][some]
            firsts = [
                start + int(np.argmax(scans.days[start:stop]))
                for start, stop in zip(starts, stops, strict=True)
            ]
            return np.array(firsts, np.int64)
        case "mean" | "max" | "set":
            return np.arange(len(scans.vectors))
