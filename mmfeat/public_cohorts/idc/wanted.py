"""Which series of Imaging Data Commons are asked for."""

import math
from dataclasses import dataclass
from pathlib import Path

from mmfeat.errors import CohortError, one_line

SMALLEST_VOLUME = 16
"""Images below which a series is usually a localiser or a single picture."""


@dataclass(frozen=True)
class WantedSeries:
    """Name collections and what their series must be like; texts are compared without case."""

    collections: tuple[str, ...]
    modality: str = "CT"
    min_images: int = SMALLEST_VOLUME
    body_parts: tuple[str, ...] = ()
    """One of these; any when there are none, and so with the others."""
    manufacturers: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    min_thickness_mm: float = 0.0
    max_thickness_mm: float = math.inf
    regular: bool = False
    """Only series whose slices are parallel and equally far from each other."""
    where: str | None = None
    """A condition in SQL over the columns of the index."""

    @property
    def asks_for_thickness(self) -> bool:
        """Say whether the thickness of slices has to be known."""
        return self.min_thickness_mm > 0 or math.isfinite(self.max_thickness_mm)

    def among(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Return what is asked for as lists of texts: the option, the index's column, the texts."""
        lists = [
            ("--patient", "PatientID", self.patients),
            ("--body-part", "BodyPartExamined", self.body_parts),
            ("--manufacturer", "Manufacturer", self.manufacturers),
            ("--licence", "license_short_name", self.licences),
        ]
        return [one for one in lists if one[2]]

    def described(self) -> dict[str, object]:
        """Return what is asked for as plain JSON values; what is not asked for is not in it."""
        high = self.max_thickness_mm
        asked = {
            "collections": list(self.collections),
            "modality": self.modality,
            "min_images": self.min_images,
            "body_parts": list(self.body_parts),
            "manufacturers": list(self.manufacturers),
            "licences": list(self.licences),
            "patients": list(self.patients),
            "min_thickness_mm": self.min_thickness_mm,
            "max_thickness_mm": high if math.isfinite(high) else None,
            "regular": self.regular,
            "where": self.where,
        }
        return {name: value for name, value in asked.items() if value}


def ids_in(file: Path) -> tuple[str, ...]:
    """Return the ids in a text file, one a line; empty lines do not count.

    Raises:
        CohortError: The file cannot be read, or has none.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CohortError(f"{file}: cannot be read: {one_line(error)}") from error
    ids = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not ids:
        raise CohortError(f"{file}: has no ids; write one on each line")
    return ids
