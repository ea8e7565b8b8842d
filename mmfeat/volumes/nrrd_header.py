"""Read the fields of a NRRD header by pynrrd."""

import re
from pathlib import Path
from typing import Any

import nrrd
import numpy as np

from mmfeat.errors import VolumeError, one_line

_LONGEST_HEADER_BYTES = 2**20
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FREE_KEY = re.compile(rb"[^:]*:=")
_ALIASES = {"datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip"}
_REQUIRED = ("type", "dimension", "sizes", "encoding")


def read_nrrd_header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the fields of a header, as pynrrd parses them, and where it ends in the file.

    Free keys (``name:=value``) are not even parsed: they may say who the patient is.

    Raises:
        VolumeError: The file does not begin with a NRRD header, or the header is broken.
    """
    with path.open("rb") as stream:
        start = stream.read(_LONGEST_HEADER_BYTES)
    if not start:
        raise VolumeError(f"{path}: the file is empty; copy or convert it again")
    if not start.startswith(b"NRRD"):
        raise VolumeError(f"{path}: not a NRRD file: it does not begin with NRRD")
    blank = _BLANK_LINE.search(start)
    lines = start[: blank.start() if blank else None].splitlines()
    try:
        with np.errstate(all="ignore"):
            fields = nrrd.read_header([line for line in lines if not _FREE_KEY.match(line)])
    except Exception as error:  # pynrrd's own, and those of what it parses with
        raise VolumeError(f"{path}: broken NRRD header: {one_line(error)}") from error
    found = {_ALIASES.get(name, name): value for name, value in fields.items()}
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        raise VolumeError(f"{path}: broken NRRD header: no {missing[0]}")
    if found["dimension"] != len(found["sizes"]):
        raise VolumeError(
            f"{path}: broken NRRD header: {found['dimension']} dimensions, but "
            f"{len(found['sizes'])} sizes"
        )
    return found, blank.end() if blank else len(start)
