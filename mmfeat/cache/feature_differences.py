"""How far two features of the same scan lie apart."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.shard import Features

_BLOCK_ROWS = 4096


@dataclass(frozen=True)
class FeatureDifferences:
    """Hold what differs between pairs of features, each ``(pairs,)``."""

    bit_equal: NDArray[np.bool_]
    largest: NDArray[np.float64]
    """Largest difference of two values."""
    relative: NDArray[np.float64]
    """The same as a share of the largest value of both features; 0 where both are all zeros."""
    cosine: NDArray[np.float64]
    """Cosine of the angle between them; 1 where both are all zeros, 0 where one is."""


def feature_differences(left: Features, right: Features) -> FeatureDifferences:
    """Compare features ``(pairs, width)``, row by row.

    Example:
        >>> found = feature_differences(np.float32([[3, 4]]), np.float32([[3, 0]]))
        >>> found.largest.item(), found.relative.item(), round(found.cosine.item(), 6)
        (4.0, 1.0, 0.6)
    """
    starts = range(0, len(left), _BLOCK_ROWS) or [0]
    blocks = [
        _of_block(left[start : start + _BLOCK_ROWS], right[start : start + _BLOCK_ROWS])
        for start in starts
    ]
    return FeatureDifferences(*map(np.concatenate, zip(*blocks, strict=True)))


def _of_block(left: Features, right: Features) -> tuple[NDArray[Any], ...]:
    """Return the fields for some rows; blocks keep the doubles small."""
    wide_left, wide_right = left.astype(np.float64), right.astype(np.float64)
    largest = np.abs(wide_left - wide_right).max(axis=1, initial=0.0)
    scale = np.maximum(np.abs(wide_left), np.abs(wide_right)).max(axis=1, initial=0.0)
    norms = np.linalg.norm(wide_left, axis=1) * np.linalg.norm(wide_right, axis=1)
    dot = (wide_left * wide_right).sum(axis=1)
    cosine = np.divide(dot, norms, out=(scale == 0).astype(np.float64), where=norms > 0)
    return (
        (left.view(np.uint32) == right.view(np.uint32)).all(axis=1),
        largest,
        np.divide(largest, scale, out=np.zeros_like(largest), where=scale > 0),
        np.clip(cosine, -1, 1),
    )
