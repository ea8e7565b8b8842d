"""Lung cancer after a screen: whether and when it was found, and until when nobody found it.

As Sybil has it (Mikhael et al., J Clin Oncol 2023): days from the screen to the first confirmed
diagnosis, in years of 365 days; a cancer of the first year is one found on days 0 to 364.

NOTE: Sybil counts somebody whose follow-up ends within a year as free of cancer for all of it.
Here the label of that year is not known then.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

DAYS_A_YEAR = 365
YEARS = (1, 6)
NOT_SCREENED = "the day of the screen is not known, or is after the diagnosis"
"""The table says either by the same gap; the dictionary has a word, `.E`, for the second."""
DIAGNOSED_BEFORE = "lung cancer was diagnosed before the screen"
NOT_FOLLOWED = "no follow-up after the screen is known"


@dataclass(frozen=True)
class Outcomes:
    """Hold the labels of screens, and which of them have none."""

    labels: pd.DataFrame
    """By case: ``lung_cancer_days``, ``lung_cancer``, ``cancer_1y``, ``cancer_6y``."""
    left_out: dict[str, tuple[str, ...]]
    """Why a case has no labels, and which."""


def outcomes(days: pd.DataFrame) -> Outcomes:
    """Return what became of each screened participant.

    Args:
        days: By case: ``screened``, ``diagnosed`` and ``followed``, days from randomisation.

    Example:
        >>> days = pd.DataFrame({"screened": [10.0], "diagnosed": [400.0], "followed": [2000.0]})
        >>> outcomes(days).labels.astype(int).to_dict("records")
        [{'lung_cancer_days': 390, 'lung_cancer': 1, 'cancer_1y': 0, 'cancer_6y': 1}]
    """
    to_diagnosis = days["diagnosed"] - days["screened"]
    to_end = days["followed"] - days["screened"]
    has_cancer = days["diagnosed"].notna()
    reasons = {
        NOT_SCREENED: days["screened"].isna(),
        DIAGNOSED_BEFORE: to_diagnosis < 0,
        NOT_FOLLOWED: ~has_cancer & ~(to_end >= 0),
    }
    left_out: dict[str, tuple[str, ...]] = {}
    kept = pd.Series(True, index=days.index)
    for reason, applies in reasons.items():
        if (kept & applies).any():
            left_out[reason] = tuple(days.index[kept & applies])
        kept &= ~applies
    time = to_diagnosis.where(has_cancer, to_end)
    labels = pd.DataFrame({"lung_cancer_days": time, "lung_cancer": has_cancer.astype(float)})
    for years in YEARS:
        labels[f"cancer_{years}y"] = _within(time, has_cancer, years * DAYS_A_YEAR)
    return Outcomes(labels[kept], left_out)


def _within(time: pd.Series, has_cancer: pd.Series, days: int) -> pd.Series:
    """Return 1 where cancer was found within so many days, 0 where not, NaN where not known."""
    known_free = (time >= days).map({True: 0.0, False: np.nan})
    return known_free.mask(has_cancer & (time < days), 1.0)
