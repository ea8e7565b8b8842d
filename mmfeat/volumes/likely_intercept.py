"""Guess the intercept that would turn stored values into Hounsfield units."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import HuArray

_BODY_HU = ((-1060.0, -700.0), (-160.0, 160.0))
"""Air and lung; fat and soft tissue: where nearly all voxels of a CT are."""
_LEAST_SHARE = 0.4
"""Of voxels that have to be there after the intercept, for a guess to be worth a word ..."""
_LEAST_SHARE_OF_EACH = 0.02
"""... and in each of both ranges."""
_NOT_APPLIED = (-1024, -8192)
"""The customary one, and another that scanners use; the files of CT-RATE come with both of them
unapplied."""
_APPLIED_TWICE = (1024, 8192)
"""What takes one of them off again."""


def likely_intercept(sample: HuArray, *, twice: bool = False) -> int | None:
    """Return the customary intercept that puts most values where a body's are, or None.

    Args:
        sample: Values that are not in Hounsfield units, flat.
        twice: Whether an intercept was applied too often rather than not at all.
    """
    ordered = np.sort(sample).astype(np.float32)
    candidates = _APPLIED_TWICE if twice else _NOT_APPLIED
    shares = [_body_share(ordered, intercept) for intercept in candidates]
    best = int(np.argmax(shares))
    return candidates[best] if shares[best] >= _LEAST_SHARE else None


def _body_share(ordered: NDArray[np.float32], intercept: int) -> float:
    ends = np.searchsorted(ordered, np.array(_BODY_HU) - intercept)  # (ranges, 2)
    shares = np.diff(ends) / ordered.size
    return float(shares.sum()) if shares.min() >= _LEAST_SHARE_OF_EACH else 0.0
