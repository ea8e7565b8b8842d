"""Make one feature of the features of a case's scans."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.scan_set import ScanSet

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
    starts = scans.offsets[:-1][some]
    if len(starts) == 0:
        return pooled
    match rule:
        case "mean" | "set":
            sums = np.add.reduceat(scans.vectors, starts, axis=0, dtype=np.float64)
            pooled[some] = sums / scans.counts[some, None]
        case "max":
            pooled[some] = np.maximum.reduceat(scans.vectors, starts, axis=0)
        case "latest":  # the fewest days before the index date, and they come first
            pooled[some] = scans.vectors[starts]
        case "earliest":
            stops = scans.offsets[1:][some]
            firsts = [
                start + int(np.argmax(scans.days[start:stop]))
                for start, stop in zip(starts, stops, strict=True)
            ]
            pooled[some] = scans.vectors[firsts]
    return pooled
