"""A guess about a table, what it rests on, and how sure it is."""

from dataclasses import dataclass
from typing import Any

_UNSURE = 0.5


@dataclass(frozen=True)
class Evidence:
    """Count what a guess rests on.

    Example:
        >>> Evidence(98, 98).confidence
        0.99
        >>> Evidence(98, 98, ("categorical", "numeric")).confidence
        0.33
    """

    n_fitting: int
    """Cells that are as the guess says."""
    n_cells: int
    """Cells that were looked at."""
    rivals: tuple[str, ...] = ()
    """What else would fit these cells as well, so that only the user can tell."""

    def __post_init__(self) -> None:
        """Check the counts."""
        if not 0 <= self.n_fitting <= self.n_cells:
            raise ValueError(f"n_fitting must be 0 to {self.n_cells}, got {self.n_fitting}")

    @property
    def confidence(self) -> float:
        """How likely one more cell would fit (Laplace's rule), shared with the rivals.

        In whole hundredths, cut rather than rounded, so that nothing is ever certain.
        """
        readings = 1 + len(self.rivals)
        return 100 * (self.n_fitting + 1) // ((self.n_cells + 2) * readings) / 100


@dataclass(frozen=True)
class Guess:
    """One guess: what to write, why, and what it rests on."""

    value: Any
    """A plain value or a flat mapping, as it goes into the settings."""
    reason: str
    evidence: Evidence | None = None
    """None where nothing was guessed: a choice, such as the number of folds."""

    @property
    def confidence(self) -> float | None:
        """See `Evidence.confidence`."""
        return None if self.evidence is None else self.evidence.confidence

    @property
    def doubtful(self) -> bool:
        """Say whether the user has to look at it: something else is as likely or more."""
        return self.confidence is not None and self.confidence <= _UNSURE

    @property
    def comment(self) -> str:
        """The reason and the confidence as a comment of YAML, on one line."""
        mark = "check: " if self.doubtful else ""
        sure = "" if self.confidence is None else f" ({100 * self.confidence:.0f} %)"
        return f"# {mark}{' '.join(self.reason.split())}{sure}"
