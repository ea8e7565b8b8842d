"""Rules by which a threshold is chosen on cases that are not those it is judged on."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.ranked_cases import Array, RankedCases

_LEAST = re.compile(r"(sensitivity|specificity)>=(0?\.\d+)")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class ThresholdRule:
    """Choose the probability from which a case is called positive.

    ``max_f1`` takes the largest F1, ``youden`` the largest sum of sensitivity and specificity;
    ``sensitivity>=0.9`` the highest threshold of such a sensitivity, ``specificity>=0.9`` the
    lowest of such a specificity. Of equally good ones the highest is taken.

    Example:
        >>> rule = ThresholdRule.of("sensitivity>=0.9")
        >>> rule.choose([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.8])
        0.4
    """

    name: str
    measure: str
    least: float = 0.0

    @classmethod
    def of(cls, name: str) -> "ThresholdRule":
        """Return the rule of a name.

        Raises:
            ValueError: There is none of that name.
        """
        found = _LEAST.fullmatch(name)
        if found:
            return cls(name, found[1], float(found[2]))
        if name not in ("max_f1", "youden"):
            raise ValueError(
                f"expected max_f1, youden, sensitivity>=SHARE or specificity>=SHARE, got `{name}`"
            )
        return cls(name, name)

    @property
    def words(self) -> str:
        """Say what the rule does."""
        if self.measure == "max_f1":
            return "largest F1"
        if self.measure == "youden":
            return "largest sum of sensitivity and specificity (Youden)"
        return f"{self.measure} of at least {100 * self.least:g} %"

    def choose(self, labels: ArrayLike, scores: ArrayLike) -> float | None:
        """Return the threshold, or None where the cases are not of both classes.

        Where no score is high enough for a specificity, it is just above all of them.

        Shape:
            - ``labels``: ``(cases,)`` of 0 and 1; ``scores``: ``(cases,)``.
        """
        ranked = RankedCases(labels, scores)
        n_positive = ranked.labels.sum()
        if not 0 < n_positive < len(ranked.labels):
            return None
        cumulated = ranked.cumulate(np.ones((1, len(ranked.labels))))
        distinct = ranked.scores[ranked.order][ranked.ends[:-1]]
        thresholds = np.append(distinct, np.nextafter(distinct[-1], np.inf))
        true_positive = n_positive - cumulated.positive[0]  # of each threshold, rising
        true_negative = cumulated.negative[0].astype(np.float64)
        return float(thresholds[self._place(true_positive, true_negative)])

    def _place(self, true_positive: Array, true_negative: Array) -> int:
        """Return the position of the threshold that the rule takes, of rising ones."""
        sensitivity = true_positive / true_positive[0]
        specificity = true_negative / true_negative[-1]
        if self.measure == "sensitivity":
            return int(np.flatnonzero(sensitivity >= self.least - _ROUNDING)[-1])
        if self.measure == "specificity":
            return int(np.flatnonzero(specificity >= self.least - _ROUNDING)[0])
        false = true_positive[0] - true_positive + true_negative[-1] - true_negative
        worth = {
            "max_f1": 2 * true_positive / (2 * true_positive + false),
            "youden": sensitivity + specificity,
        }[self.measure]
        return int(np.flatnonzero(worth >= worth.max() - _ROUNDING)[-1])
