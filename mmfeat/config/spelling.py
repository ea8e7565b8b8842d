"""Guess what a user meant by a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean `x`?`` for the known name most like ``name``, or nothing.

    Example:
        >>> did_you_mean("learning_rte", ["epochs", "learning_rate"])
        '; did you mean `learning_rate`?'
        >>> did_you_mean("learning_rte", ["seed"])
        ''
    """
    by_lower = {text.lower(): text for text in known}
    close = get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean `{by_lower[close[0]]}`?" if close else ""
