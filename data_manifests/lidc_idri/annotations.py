"""Read LIDC's annotation files: what each of four readers marked and rated in a scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import CohortError, one_line

RATINGS = {
    "subtlety": 5,
    "internalStructure": 4,
    "calcification": 6,
    "sphericity": 5,
    "margin": 5,
    "lobulation": 5,
    "spiculation": 5,
    "texture": 5,
    "malignancy": 5,
}
"""What a reader rates of a nodule of 3 mm or more, and the largest value; the smallest is 1."""
_CT = "LidcReadMessage"
"""Root of annotations of CT scans; those of radiographs have another."""


@dataclass(frozen=True)
class Mark:
    """Hold one nodule of 3 mm or more as one reader outlined and rated it."""

    reader: int
    ratings: dict[str, int]
    outlines: tuple[NDArray[np.float64], ...]
    """Corners ``(points, 3)`` for each slice: column and row of pixels from 0, and height in mm."""


@dataclass(frozen=True)
class Annotations:
    """Hold what all readers marked in one scan."""

    file: Path
    series_uid: str
    marks: tuple[Mark, ...]


def read_annotations(file: Path) -> Annotations | None:
    """Return what a file says of a CT scan, None where it is about something else.

    Left out, as by pylidc: nodules below 3 mm, which are single points without ratings, marks
    whose ratings are not complete, and outlines that exclude a part.

    Raises:
        CohortError: The file is no XML, or an annotation of a CT scan that cannot be understood.
    """
    try:
        root = ElementTree.parse(file).getroot()
    except ElementTree.ParseError as error:
        raise CohortError(f"{file}: is no XML: {one_line(error)}; download it again") from error
    except OSError as error:
        raise CohortError(f"{file}: cannot be read: {error.strerror}") from error
    if _name(root) != _CT:
        return None
    uid = root.findtext("{*}ResponseHeader/{*}SeriesInstanceUid", "").strip()
    if not uid:
        raise CohortError(f"{file}: names no SeriesInstanceUid, so its scan is not known")
    marks = [
        mark
        for reader, session in enumerate(root.findall("{*}readingSession"))
        for nodule in session.findall("{*}unblindedReadNodule")
        if (mark := _mark(file, reader, nodule)) is not None
    ]
    return Annotations(file, uid, tuple(marks))


def _mark(file: Path, reader: int, nodule: Element) -> Mark | None:
    given = nodule.find("{*}characteristics")
    if given is None:
        return None
    texts = {_name(one): (one.text or "").strip() for one in given}
    if any(texts.get(name, "") in ("", "0") for name in RATINGS):
        return None
    ratings = {name: _rating(file, name, texts[name]) for name in RATINGS}
    outlines = tuple(_outlines(file, nodule))
    return Mark(reader, ratings, outlines) if outlines else None


def _rating(file: Path, name: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= RATINGS[name]:
        raise CohortError(
            f"{file}: {name} is `{text}`, which must be a whole number from 1 to {RATINGS[name]}"
        )
    return int(text)


def _outlines(file: Path, nodule: Element) -> Iterator[NDArray[np.float64]]:
    for region in nodule.findall("{*}roi"):
        corners = region.findall("{*}edgeMap")
        if len(corners) < 2 or region.findtext("{*}inclusion", "TRUE").strip() == "FALSE":
            continue
        try:
            height = float(region.findtext("{*}imageZposition", ""))
            yield np.array(
                [
                    (
                        float(one.findtext("{*}xCoord", "")),
                        float(one.findtext("{*}yCoord", "")),
                        height,
                    )
                    for one in corners
                ]
            )
        except ValueError as error:
            raise CohortError(f"{file}: an outline has no numbers: {one_line(error)}") from error


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
