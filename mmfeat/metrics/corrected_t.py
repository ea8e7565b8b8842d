"""The t-test of differences between cross-validation folds, whose training parts overlap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit


@dataclass(frozen=True)
class CorrectedT:
    """Hold the mean difference over the test parts, with its interval and two-sided test."""

    mean: float
    low: float
    high: float
    t: float
    df: int
    p: float


def corrected_resampled_t(
    differences: ArrayLike, test_to_train: float, *, confidence: float = 0.95
) -> CorrectedT:
    """Test whether differences between two methods on several test parts have a mean of zero.

    The corrected resampled t-test of Nadeau and Bengio (Machine Learning 2003): the variance of the
    mean is ``(1/k + test_to_train)`` times that of the ``k`` differences, since models whose
    training parts overlap are no independent ones. It says how much depends on the choice of
    training and test parts, which a bootstrap of the test cases does not.

    Args:
        differences: One for each test part, of one or of repeated cross-validations.
        test_to_train: Size of a test part over that of a training part; 1/(k-1) for k folds.
        confidence: Coverage of the interval.

    Raises:
        ValueError: There are fewer than two differences, one is not finite, or the ratio is not
            above 0.

    Example:
        >>> found = corrected_resampled_t([0.01, 0.03, 0.02], 0.5)
        >>> round(found.t, 3), found.df
        (2.191, 2)
    """
    values = np.asarray(differences, np.float64)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"expected two finite differences or more, got {values}")
    if not test_to_train > 0:
        raise ValueError(f"test_to_train must be above 0, got {test_to_train}")
    mean, df = float(values.mean()), len(values) - 1
    se = float(np.sqrt((1 / len(values) + test_to_train) * values.var(ddof=1)))
    reach = float(stdtrit(df, (1 + confidence) / 2)) * se
    without_spread = 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    t = mean / se if se > 0 else without_spread
    p = float(2 * stdtr(df, -abs(t)))
    return CorrectedT(mean, mean - reach, mean + reach, t=t, df=df, p=p)
