"""Read the header of a MetaImage: lines of ``key = value``, up to the one that names the voxels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmfeat.errors import VolumeError

_LONGEST_HEADER_BYTES = 2**16
_LAST_LINE = re.compile(rb"^[ \t]*ElementDataFile[ \t]*=[^\r\n]*\r?(?:\n|\Z)", re.MULTILINE)
_TRUE = ("true", "t", "1")
_LARGEST_NUMBER = 1e12


@dataclass(frozen=True)
class MetaImageHeader:
    """Hold the fields of a header for as long as it is read; free text among them is not kept."""

    path: Path
    fields: Mapping[str, str]
    size_bytes: int
    """Where the voxels begin, if they are in the same file."""

    def text(self, *keys: str, default: str | None = None) -> str:
        """Return the value of the first key that is there.

        Raises:
            VolumeError: None is there, and there is no default.
        """
        for key in keys:
            if key in self.fields:
                return self.fields[key]
        if default is None:
            raise self.broken(f"no {keys[0]}")
        return default

    def numbers(self, *keys: str, count: int, default: str | None = None) -> list[float]:
        """Return several numbers.

        Raises:
            VolumeError: They are missing, no numbers, or not that many.
        """
        text = self.text(*keys, default=default)
        try:
            values = [float(word) for word in text.split()]
        except ValueError as error:
            raise self.broken(f"{keys[0]} is {text[:50]!r}") from error
        if len(values) != count:
            raise self.broken(f"{len(values)} numbers in {keys[0]}, not {count}")
        if not all(abs(value) < _LARGEST_NUMBER for value in values):  # nor is NaN
            raise self.broken(f"{keys[0]} is {text[:50]!r}")
        return values

    def integers(self, *keys: str, count: int, default: str | None = None) -> list[int]:
        """Return several whole numbers.

        Raises:
            VolumeError: They are missing, not whole, or not that many.
        """
        values = self.numbers(*keys, count=count, default=default)
        if not all(value.is_integer() for value in values):
            raise self.broken(f"{keys[0]} is {values[:10]}")
        return [int(value) for value in values]

    def is_true(self, *keys: str, default: bool = False) -> bool:
        """Return a truth value."""
        return self.text(*keys, default=str(default)).lower() in _TRUE

    def broken(self, what: str) -> VolumeError:
        """Return an error that says what is wrong with the header."""
        return VolumeError(f"{self.path}: broken MetaImage header: {what}")


def read_metaimage_header(path: Path) -> MetaImageHeader:
    """Read the header of a ``.mha`` or ``.mhd`` file.

    Raises:
        VolumeError: The file does not begin with such a header.
    """
    with path.open("rb") as stream:
        start = stream.read(_LONGEST_HEADER_BYTES)
    if not start:
        raise VolumeError(f"{path}: the file is empty; copy or convert it again")
    last = _LAST_LINE.search(start)
    if last is None:
        raise VolumeError(f"{path}: not a MetaImage file: no ElementDataFile in its header")
    fields = {}
    for line in start[: last.end()].decode("utf-8", "replace").splitlines():
        key, _, value = line.partition("=")
        fields[key.strip()] = value.strip()
    return MetaImageHeader(path, fields, last.end())
