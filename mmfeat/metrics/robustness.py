"""How well a method bears that something goes missing, as one number for a whole curve.

Definitions of MultiBench (Liang et al., NeurIPS Datasets and Benchmarks 2021): relative
robustness is the area under the curve of performance against imperfection; effective robustness is
the area between it and the curve of late fusion, lifted so that both begin at the same point.

NOTE: both are divided by the width of the curve here, so that they do not hang on its grid: the
first is the mean performance along it, the second the mean gain over late fusion.
"""

from collections.abc import Sequence

import numpy as np


def area_factors(shares: Sequence[float]) -> tuple[float, ...]:
    """Return how much each point counts in the mean height of a curve, by the trapezoidal rule.

    Args:
        shares: What is missing at each point, rising; at least two.

    Example:
        >>> area_factors([0.0, 0.5, 1.0])
        (0.25, 0.5, 0.25)
    """
    places = np.asarray(shares, dtype=np.float64)
    steps = np.diff(places)
    if len(places) < 2 or not (steps > 0).all():
        raise ValueError(f"shares must be two or more and rise, got {list(shares)}")
    factors = np.zeros(len(places))
    factors[:-1] += steps / 2
    factors[1:] += steps / 2
    return tuple((factors / (places[-1] - places[0])).tolist())


def relative_robustness(shares: Sequence[float], performance: Sequence[float]) -> float:
    """Return the mean height of a curve of performance.

    Example:
        >>> relative_robustness([0.0, 0.5, 1.0], [0.9, 0.7, 0.5])
        0.7
    """
    return float(np.dot(area_factors(shares), performance))


def effective_factors(shares: Sequence[float]) -> tuple[float, ...]:
    """Return how much each point counts in the mean height of a curve above its own beginning.

    Effective robustness is that of a method minus that of late fusion.

    Example:
        >>> effective_factors([0.0, 0.5, 1.0])
        (-0.75, 0.5, 0.25)
    """
    first, *others = area_factors(shares)
    return (first - 1.0, *others)


def effective_robustness(
    shares: Sequence[float], performance: Sequence[float], late_fusion: Sequence[float]
) -> float:
    """Return the mean gain over late fusion, once both begin at the same point.

    Example:
        >>> round(effective_robustness([0.0, 0.5, 1.0], [0.9, 0.8, 0.7], [0.8, 0.6, 0.4]), 12)
        0.1
    """
    gains = np.asarray(performance, np.float64) - np.asarray(late_fusion, np.float64)
    return float(np.dot(effective_factors(shares), gains))
