"""A number for people: the value, its interval, what it was computed from, or why there is none."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """Hold a metric with its interval; ``point`` is None, with a reason, where it is undefined."""

    point: float | None
    low: float | None = None
    """Lower end of the interval."""
    high: float | None = None
    """Upper end of the interval."""
    n: int = 0
    """Cases with a label."""
    n_patients: int = 0
    n_positive: int | None = None
    """Positive cases; None where a metric has no positive class."""
    method: str = ""
    """How the interval was made."""
    undefined_resamples: int = 0
    """Resamples without a value, as without a positive case; the interval leaves them out."""
    reason: str | None = None
    """Why the value or its interval is missing, or what was left out of it."""

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)


@dataclass(frozen=True)
class Difference:
    """Hold the difference of two estimates on the same cases and the same resamples."""

    point: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    """Two-sided bootstrap p-value of no difference."""
    n: int = 0
    n_patients: int = 0
    n_positive: int | None = None
    method: str = ""
    undefined_resamples: int = 0
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)
