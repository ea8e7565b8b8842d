"""Ways to divide cases into groups: by a text, or by bands of a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNKNOWN = "unknown"
MOST_GROUPS = 20
"""Smaller ones are one group together."""


@dataclass(frozen=True, eq=False)
class Grouping:
    """Hold one way to divide cases.

    Shape:
        - ``group_of``: ``(cases,)``, the name of the group of each.
    """

    name: str
    source: str
    """Where the groups come from, in words."""
    groups: tuple[str, ...]
    """In the order in which results list them; cases of unknown group come last."""
    group_of: NDArray[np.object_]
    bands: tuple[float, ...] = ()

    def taken(self, rows: NDArray[np.int64]) -> "Grouping":
        """Return the grouping of some of the cases."""
        return Grouping(self.name, self.source, self.groups, self.group_of[rows], self.bands)


def by_text(name: str, source: str, texts: Sequence[str | None]) -> Grouping:
    """Return a group for each text, in the order of the alphabet; None is unknown.

    Example:
        >>> by_text("sex", "column `sex`", ["M", "F", None]).groups
        ('F', 'M', 'unknown')
    """
    known = [text for text in texts if text is not None]
    sizes = {text: known.count(text) for text in set(known)}
    by_size = sorted(sizes, key=lambda text: (-sizes[text], text))
    kept = sorted(by_size if len(by_size) <= MOST_GROUPS else by_size[: MOST_GROUPS - 1])
    rest = f"{len(by_size) - len(kept)} others"
    group_of = np.array(
        [UNKNOWN if text is None else text if text in kept else rest for text in texts], object
    )
    ends = [one for one in (rest, UNKNOWN) if one in group_of.tolist() and one not in kept]
    return Grouping(name, source, (*kept, *ends), group_of)


def by_bands(name: str, source: str, numbers: ArrayLike, bands: Sequence[float]) -> Grouping:
    """Return a group for each band of a number; NaN is unknown.

    Example:
        >>> by_bands("age", "column `age`", [70.0, 50.0, 49.9], [50, 65]).group_of.tolist()
        ['65 and above', '50 to below 65', 'below 50']
    """
    if not bands or list(bands) != sorted(set(bands)):
        raise ValueError(f"bands must be one or more and rise, got {list(bands)}")
    values = np.asarray(numbers, dtype=np.float64)
    names = (
        f"below {bands[0]:g}",
        *(f"{low:g} to below {high:g}" for low, high in pairwise(bands)),
        f"{bands[-1]:g} and above",
    )
    places = np.digitize(values, bands)
    group_of = np.array(
        [
            UNKNOWN if np.isnan(value) else names[place]
            for value, place in zip(values, places, strict=True)
        ],
        object,
    )
    ends = (UNKNOWN,) if np.isnan(values).any() else ()
    return Grouping(name, source, (*names, *ends), group_of, tuple(map(float, bands)))


def thirds(numbers: ArrayLike) -> tuple[float, ...]:
    """Return where known numbers are to be cut into thirds, rounded to whole ones.

    Example:
        >>> thirds([51.0, 52.2, 60.4, 61.0, 70.0, np.nan, 72.0])
        (58.0, 64.0)
    """
    values = np.asarray(numbers, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return ()
    cuts = np.round(np.quantile(values, [1 / 3, 2 / 3]))
    return tuple(float(cut) for cut in np.unique(cuts) if values.min() < cut <= values.max())
