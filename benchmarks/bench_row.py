"""One line of the table of all benchmarks: what was measured, beside what, what is asked for."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class BenchRow:
    """One measured figure."""

    what: str
    """What was timed, in which setting."""
    measured: str
    """With its unit."""
    beside: str = ""
    """What it is compared with, and what that took."""
    ratio: float | None = None
    """The figure that the limit is about."""
    means: str = "x as fast"
    """What the figure is, in the words that follow it."""
    limit: float | None = None
    """None: there is no target, it is only written down."""
    sense: Literal["at least", "at most"] = "at least"

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.ratio is None or self.limit is None:
            return None
        return self.ratio >= self.limit if self.sense == "at least" else self.ratio <= self.limit

    @property
    def target(self) -> str:
        """The target in words; empty where there is none."""
        return "" if self.limit is None else f"{self.sense} {self.limit:g}"

    @property
    def verdict(self) -> str:
        """Yes, no, or a dash."""
        return {None: "-", True: "yes", False: "**no**"}[self.is_met]

    def cells(self) -> tuple[str, ...]:
        """The line of the table, without its stage."""
        ratio = "" if self.ratio is None else f"{self.ratio:.3g} {self.means}".rstrip()
        return self.what, self.measured, self.beside, ratio, self.target, self.verdict
