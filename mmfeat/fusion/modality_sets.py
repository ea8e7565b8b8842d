"""Sets of modalities: how they are named, and which of them cases show."""

import numpy as np
from numpy.typing import NDArray

Members = tuple[int, ...]
"""Positions of the modalities in a set, in rising order."""

FEWEST_CASES = 20
"""A set that fewer cases have whole than this gets no model of its own."""


def name_of(members: Members) -> str:
    """Return the name of a set in files.

    Example:
        >>> name_of((0, 2))
        '0+2'
    """
    return "+".join(str(member) for member in members)


def members_of(name: str) -> Members:
    """Return the set of a name that ``name_of`` gave."""
    return tuple(int(member) for member in name.split("+"))


def members_in(view: NDArray[np.bool_]) -> Members:
    """Return the set of a row of a mask: ``(modalities,)``."""
    return tuple(np.flatnonzero(view).tolist())


def sets_of(visible: NDArray[np.bool_]) -> list[tuple[Members, NDArray[np.int64]]]:
    """Return each non-empty set that occurs, and the rows that show exactly it.

    Shape:
        - ``visible``: ``(cases, modalities)``.

    Example:
        >>> sets_of(np.array([[True, True], [False, True], [True, True]]))
        [((1,), array([1])), ((0, 1), array([0, 2]))]
    """
    patterns, pattern_of = np.unique(visible, axis=0, return_inverse=True)
    return [
        (members_in(pattern), np.flatnonzero(pattern_of == number))
        for number, pattern in enumerate(patterns)
        if pattern.any()
    ]
