"""Name cases in a sentence."""

from collections.abc import Sequence

from mmfeat.wording import counted, first_of_all, ticked

_SHOWN = 10


def named_cases(case_ids: Sequence[str]) -> str:
    """Return how many cases there are, and which.

    Example:
        >>> named_cases(["a", "b"])
        '2 cases (`a`, `b`)'
    """
    return f"{counted(len(case_ids), 'case')} ({listed(case_ids)})"


def listed(ids: Sequence[str]) -> str:
    """Return ids in a sentence, the first ten where there are more."""
    return first_of_all(ticked(ids), _SHOWN)
