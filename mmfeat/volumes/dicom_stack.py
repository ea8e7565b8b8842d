"""Put slices of one grid in order along their normal."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.dicom_slice import CtSlice

_SAME_DIRECTION = 1e-3
"""Largest difference between direction cosines of one stack: files may round to 3 decimals."""
_SAME_SPACING = 1e-3
"""Largest relative difference between pixel spacings of one stack."""
SAME_POSITION_MM = 0.01
"""Slices closer than this show the same place."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Hold slices of one size, direction and pixel spacing, ordered along their normal.

    It may turn out to be no volume: with gaps, several slices at one place, or leaning.
    """

    slices: Sequence[CtSlice]

    @classmethod
    def of(cls, slices: Iterable[CtSlice]) -> "Stack":
        """Order slices of one grid."""
        unordered = list(slices)
        normal = unordered[0].normal
        return cls(sorted(unordered, key=lambda one: float(one.origin_mm @ normal)))

    @cached_property
    def origins_mm(self) -> NDArray[np.float64]:
        """Centres of the first voxels: ``(slices, 3)``."""
        return np.array([one.origin_mm for one in self.slices])

    @cached_property
    def positions_mm(self) -> NDArray[np.float64]:
        """Where the slices are along their normal: ``(slices,)``."""
        return np.asarray(self.origins_mm @ self.slices[0].normal)

    @cached_property
    def distances_mm(self) -> NDArray[np.float64]:
        """From each slice to the next: ``(slices - 1,)``."""
        return np.diff(self.positions_mm)

    @cached_property
    def spacing_mm(self) -> float:
        """The usual distance between slices; infinite for a single one."""
        return float(np.median(self.distances_mm)) if len(self.slices) > 1 else float("inf")

    @property
    def places(self) -> list[list[CtSlice]]:
        """The slices, those that show the same place together."""
        ends = np.flatnonzero(self.distances_mm >= SAME_POSITION_MM) + 1
        bounds = [0, *ends.tolist(), len(self.slices)]
        return [list(self.slices[a:b]) for a, b in itertools.pairwise(bounds)]

    @property
    def flaw(self) -> str | None:
        """Why it cannot be a volume whatever is done about gaps; None if it can."""
        if len(self.slices) == 1:
            return f"one slice is no volume ({self.slices[0].name})"
        places = self.places
        if len(places) == 1:
            return f"all {len(self.slices)} slices at one position, so they are no volume"
        doubled = next((place for place in places if len(place) > 1), None)
        if doubled is None:
            return None
        return (
            f"{doubled[0].name} and {doubled[1].name} are at the same position; "
            "keep one copy, or one phase, of each slice"
        )


def split_by_grid(slices: Iterable[CtSlice]) -> list[Stack]:
    """Separate slices that differ in size, direction or pixel spacing, and order each part."""
    parts: list[list[CtSlice]] = []
    for one in slices:
        part = next((part for part in parts if _have_one_grid(part[0], one)), None)
        if part is None:
            parts.append([one])
        else:
            part.append(one)
    return [Stack.of(part) for part in parts]


def _have_one_grid(first: CtSlice, other: CtSlice) -> bool:
    return (
        first.size == other.size
        and bool(np.abs(first.directions - other.directions).max() < _SAME_DIRECTION)
        and bool(np.allclose(first.spacing_mm, other.spacing_mm, rtol=_SAME_SPACING, atol=0))
    )
