"""Take the values of a DICOM header out without surprises."""

import logging
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement

from mmfeat.errors import VolumeError, one_line
from mmfeat.volumes.dicom_file import DicomFile

logger = logging.getLogger(__name__)

_TEXT = ("CS", "DA", "DS", "IS", "TM", "UI")
"""Kinds of values whose text is plain ASCII, whatever the character set of the file."""
_LONGEST_WORD = 128
"""DICOM allows 64 characters; more is what a damaged length has swallowed, maybe a patient's name
with it."""
_BINARY = {"US": "H", "SS": "h", "UL": "I", "SL": "i"}


@dataclass(frozen=True)
class PixelElement:
    """Say where the value of PixelData lies in its file."""

    offset: int
    length: int | None
    """In bytes; None where compressed frames follow one another up to a delimiter."""


@dataclass(frozen=True)
class DicomHeader:
    """Hold what we need of the header of a file, or of one of its frames.

    Every value is converted when it is asked for.
    """

    dataset: Dataset
    file: DicomFile
    place: str
    """How to name the file, or the frame, in an error."""
    pixels: PixelElement | None

    @property
    def sop_class(self) -> str:
        """What kind of object the file holds, as a UID."""
        uid = self.text("SOPClassUID") or self.meta("MediaStorageSOPClassUID")
        if not uid:
            raise self.broken("no SOPClassUID, so the file is truncated or damaged")
        return uid

    def meta(self, keyword: str) -> str:
        """Return a text of the meta information before the data set; empty if missing."""
        return "\\".join(self._words(self.dataset.file_meta, keyword))

    def value(self, keyword: str) -> Any:  # noqa: ANN401 - whatever DICOM stores there
        """Return a value as pydicom converts it; None where it is missing or empty."""
        try:
            value = self.dataset.get(keyword)
        except Exception as error:  # pydicom raises whatever it meets in a damaged value
            raise self.broken(f"{keyword}: {one_line(error)}") from error
        return None if value == "" else value

    def words(self, keyword: str) -> list[str]:
        """Return the texts of a value that may be missing, single or multiple."""
        return self._words(self.dataset, keyword)

    def text(self, keyword: str) -> str:
        r"""Return the texts of a value joined as DICOM joins them, by ``\``; empty if missing."""
        return "\\".join(self.words(keyword))

    def information(self, keyword: str) -> str:
        """Return a text that no number depends on; damaged, it is left out like a missing one."""
        try:
            return self.text(keyword)
        except VolumeError as error:
            logger.debug("left out: %s", error)
            return ""

    def has(self, keyword: str) -> bool:
        """Say whether there is a value, and it is not empty."""
        return bool(self.text(keyword))

    def number(self, keyword: str, default: float | None = None) -> float:
        """Return a finite number; without a default it has to be there."""
        if default is not None and not self.has(keyword):
            return default
        return float(self.numbers(keyword, 1)[0])

    def numbers(self, keyword: str, count: int) -> NDArray[np.float64]:
        """Return that many finite numbers, which have to be there."""
        words = self.words(keyword)
        if not words:
            raise self.broken(f"{keyword} is missing; the file may be truncated")
        try:
            numbers = np.array([float(word) for word in words])
        except ValueError as error:
            raise self.broken(f"{keyword}: {one_line(error)}") from error
        if len(numbers) != count or not np.isfinite(numbers).all():
            raise self.broken(f"{keyword} is {numbers.tolist()}, not {count} finite numbers")
        return numbers

    def broken(self, reason: str) -> VolumeError:
        """Return an error that names the file."""
        return VolumeError(f"{self.place}: broken DICOM header: {reason}")

    def _words(self, dataset: Dataset, keyword: str) -> list[str]:
        try:
            words = _plain_words(dataset, keyword)
            if words is None:
                value = dataset.get(keyword)
                is_single = isinstance(value, str) or not isinstance(value, Iterable)
                values = () if value in ("", None) else (value,) if is_single else value
                words = [str(word).strip() for word in values]
        except Exception as error:  # pydicom raises whatever it meets in a damaged value
            raise self.broken(f"{keyword}: {one_line(error)}") from error
        if any(len(word) > _LONGEST_WORD or not word.isprintable() for word in words):
            raise self.broken(f"{keyword} holds what is no text")
        return words


def _plain_words(dataset: Dataset, keyword: str) -> list[str] | None:
    """Return the texts of a value that needs no pydicom, which takes ten times as long."""
    tag = tag_for_keyword(keyword)
    element = dataset.get_item(tag) if tag is not None else None
    if not isinstance(element, RawDataElement) or not element.value:
        return None
    kind = element.VR or dictionary_VR(element.tag)
    if kind in _TEXT:
        text = element.value.decode("ascii", "replace").strip(" \0")
        return [word.strip(" \0") for word in text.split("\\")] if text else []
    number = _BINARY.get(kind)
    if number is None or len(element.value) != struct.calcsize(f"={number}"):
        return None
    order = "<" if element.is_little_endian else ">"
    return [str(value) for value in struct.unpack(f"{order}{number}", element.value)]
