"""How long work tells whoever watches how far it is; the library itself shows nothing."""

from typing import Protocol


class Progress(Protocol):
    """Receive the progress of one stage."""

    def start(self, task: str, total: int) -> None:
        """Begin a task of ``total`` steps, named in a few words; the task before it is finished."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Say that ``steps`` more are done, with a short note on what happened, if anything did."""


def keep_quiet(note: str) -> None:
    """Show nothing of what the user should know before long work begins."""


class Silent:
    """Show nothing."""

    def start(self, task: str, total: int) -> None:
        """Ignore the start of a task."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Ignore a step."""
