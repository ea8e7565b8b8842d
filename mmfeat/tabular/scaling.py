"""Bring numbers to one scale: by mean and deviation, or by their ranks to a normal distribution."""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, FiniteFloat, NonNegativeFloat
from scipy.special import ndtri

from mmfeat.config.base import StrictModel

CLIP_SD = 10.0
"""Scaled values end here, in standard deviations: one wild value must not drown a whole case."""

_MOST_QUANTILES = 1000
_NEXT_TO_NOTHING = 1e-200
# The three constants of scikit-learn's QuantileTransformer, whose results ours equal.
_BOUNDS = 1e-7
_SMALLEST_RANK = 1e-7
_HIGHEST_NORMAL = float(ndtri(1 - (_SMALLEST_RANK - np.spacing(1))))


def moments(values: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and population deviation of each column; a constant column deviates by 0.

    A column counts as constant when it varies by no more than the rounding of its number type.

    Shape:
        - ``values``: ``(rows, columns)``, finite floats; no rows give zeros.
        - Output: two of ``(columns,)``.

    Example:
        >>> moments(np.array([[1.0, 7.0], [3.0, 7.0]]))
        (array([2., 7.]), array([1., 0.]))
    """
    if not len(values):
        return np.zeros(values.shape[1]), np.zeros(values.shape[1])
    mean = values.mean(axis=0, dtype=np.float64)
    sd = values.std(axis=0, dtype=np.float64)
    rounding = np.finfo(values.dtype).eps * np.abs(values).max(axis=0).astype(np.float64)
    sd[(sd <= rounding) | (values.min(axis=0) == values.max(axis=0))] = 0.0
    return mean, sd


def standardise(values: NDArray[Any], mean: ArrayLike, sd: ArrayLike) -> NDArray[np.float64]:
    """Subtract the mean, divide by the deviation, clip; zero where the deviation is 0.

    Example:
        >>> standardise(np.array([1.0, 3.0, 1e9]), 2.0, 1.0)
        array([-1.,  1., 10.])
    """
    sd = np.asarray(sd)
    varies = sd > 0
    scaled = (values - np.asarray(mean)) / np.where(varies, sd, 1.0)
    return np.where(varies, np.clip(scaled, -CLIP_SD, CLIP_SD), 0.0)


class StandardScaling(StrictModel):
    """Scale to mean 0 and deviation 1."""

    method: Literal["standard"] = "standard"
    mean: FiniteFloat
    sd: Annotated[NonNegativeFloat, Field(allow_inf_nan=False)]

    @classmethod
    def fit(cls, values: NDArray[np.float64]) -> "StandardScaling":
        """Take mean and deviation of the known training values, ``(n,)``, in any order."""
        mean, sd = moments(np.sort(values)[:, None])
        return cls(mean=float(mean[0]), sd=float(sd[0]))

    def scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale and clip ``(cases,)``."""
        return standardise(values, self.mean, self.sd)


class QuantileScaling(StrictModel):
    """Scale by rank among the training values to a standard normal distribution.

    Equals scikit-learn's ``QuantileTransformer(output_distribution="normal", subsample=None)``,
    except that a constant column becomes 0.
    """

    method: Literal["quantile"] = "quantile"
    quantiles: tuple[FiniteFloat, ...]
    """Evenly spaced quantiles of the known training values, at most 1,000."""

    @classmethod
    def fit(cls, values: NDArray[np.float64]) -> "QuantileScaling":
        """Take the quantiles of the known training values, ``(n,)``, in any order."""
        if not len(values):
            return cls(quantiles=())
        shares = np.linspace(0, 1, min(_MOST_QUANTILES, len(values))) * 100
        # Interpolation may break the order in the last digit.
        quantiles = np.maximum.accumulate(np.percentile(values, shares))
        return cls(quantiles=tuple(quantiles.tolist()))

    def scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale ``(cases,)``; values outside the training range end at +-5.2."""
        quantiles, values = _flush(np.array(self.quantiles)), _flush(values)
        if not len(quantiles) or quantiles[0] == quantiles[-1]:
            return np.zeros_like(values)
        ranks = np.linspace(0, 1, len(quantiles))
        # Ties have a range of ranks: take its middle, seen from below and from above.
        above = np.interp(values, quantiles, ranks)
        below = -np.interp(-values, -quantiles[::-1], -ranks[::-1])
        shares = (above + below) / 2
        shares[values + _BOUNDS > quantiles[-1]] = 1.0
        shares[values - _BOUNDS < quantiles[0]] = 0.0
        return np.clip(ndtri(shares), -_HIGHEST_NORMAL, _HIGHEST_NORMAL)


def _flush(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make numbers next to nothing 0: the slope between two of them would be infinite."""
    return np.where(np.abs(values) < _NEXT_TO_NOTHING, 0.0, values)


Scaling = Annotated[StandardScaling | QuantileScaling, Field(discriminator="method")]
ScalingName = Literal["standard", "quantile"]

SCALINGS: dict[ScalingName, type[StandardScaling] | type[QuantileScaling]] = {
    "standard": StandardScaling,
    "quantile": QuantileScaling,
}
