"""How the features of a scan's windows become its vector, by the names that recipes have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mmfeat.encoders.contract import Embedding, WindowFeatures


@dataclass(frozen=True)
class Pooling:
    """Say in words how windows become a vector, and do it."""

    words: str
    values_per_feature: int
    """Values of the vector for each value of a window's feature."""
    pool: Callable[[WindowFeatures], Embedding]
    """From ``(windows, token_size)`` to ``(values_per_feature * token_size,)``."""


def _mean(features: WindowFeatures) -> Embedding:
    return np.asarray(features.mean(axis=0))


def _maximum(features: WindowFeatures) -> Embedding:
    return np.asarray(features.max(axis=0))


def _median(features: WindowFeatures) -> Embedding:
    return np.asarray(np.median(features, axis=0), np.float32)


def _deviation(features: WindowFeatures) -> Embedding:
    """Return the deviation over windows, not that of a larger population; of one window zero."""
    return np.asarray(features.std(axis=0))


def _joined(
    *parts: Callable[[WindowFeatures], Embedding],
) -> Callable[[WindowFeatures], Embedding]:
    return lambda features: np.concatenate([part(features) for part in parts])


POOLINGS: Mapping[str, Pooling] = {
    "mean": Pooling("mean", 1, _mean),
    "max": Pooling("maximum", 1, _maximum),
    "median": Pooling("median", 1, _median),
    "mean+max": Pooling("mean and maximum", 2, _joined(_mean, _maximum)),
    "mean+std": Pooling("mean and standard deviation", 2, _joined(_mean, _deviation)),
}
"""Every pooling; each takes windows in any order."""
