"""Name cases in a sentence."""

from collections.abc import Sequence

_SHOWN = 10


def counted(case_ids: Sequence[str]) -> str:
    """Return how many cases there are, and which.

    Example:
        >>> counted(["a", "b"])
        '2 cases (`a`, `b`)'
    """
    return f"{len(case_ids)} {'case' if len(case_ids) == 1 else 'cases'} ({listed(case_ids)})"


def listed(ids: Sequence[str]) -> str:
    """Return ids in a sentence, the first ten where there are more."""
    shown = ", ".join(f"`{text}`" for text in ids[:_SHOWN])
    return shown if len(ids) <= _SHOWN else f"{shown}, ... ({len(ids)} in all)"
