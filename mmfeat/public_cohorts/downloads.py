"""Find the files of a download, whatever release number their names carry."""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NoReturn

from mmfeat.errors import CohortError
from mmfeat.wording import first_few, ticked

_SHOWN = 6
_ANYWHERE = "**/"


def find_one(folder: Path, patterns: Sequence[str], *, what: str) -> Path:
    """Return the one file or folder of a download that a pattern names.

    Args:
        folder: The folder with the download.
        patterns: Patterns relative to it, such as ``*.csv`` or ``tables/*_prsn*.csv``, or
            ``**/*.csv`` for a file in any folder. The first one that something answers to counts.
        what: What is looked for, in words, for messages.

    Raises:
        CohortError: There is none, or there are several; the message says what was looked for and
            what is there.
    """
    found = find_all(folder, patterns)
    if not found:
        raise CohortError(
            f"{folder}: holds no {what} ({first_few(ticked(patterns), _SHOWN)}); "
            f"{_what_is_there(folder)}"
        )
    if len(found) > 1:
        names = first_few([str(one.relative_to(folder)) for one in found], _SHOWN)
        raise CohortError(f"{folder}: holds {what} {len(found)} times ({names}); keep one of them")
    return found[0]


def find_optional(folder: Path, patterns: Sequence[str], *, what: str) -> Path | None:
    """Return the one file or folder that a pattern names, or None where there is none.

    Raises:
        CohortError: The folder with the download is not there, or there are several.
    """
    return find_one(folder, patterns, what=what) if find_all(folder, patterns) else None


def find_all(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Return what the first pattern with an answer names, sorted; nothing where none has one.

    Raises:
        CohortError: The folder with the download is not there.
    """
    if not folder.is_dir():
        problem = "is a file" if folder.exists() else "no such folder"
        raise CohortError(f"{folder}: {problem}; name the folder that holds the download")
    for pattern in patterns:
        found = sorted(path for path in _matching(folder, pattern) if not _is_hidden(path.name))
        if found:
            return found
    return []


def walk_download(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder of a download with the names of its files, sorted.

    Links to folders are followed, since large scans often lie on another disk; a folder that is
    reached twice counts once. Hidden files and folders (``._1-001.dcm``) are no part of a download.

    Raises:
        CohortError: A folder cannot be read.
    """
    seen: set[tuple[int, int]] = set()
    for place, below, names in os.walk(folder, followlinks=True, onerror=_refuse):
        status = Path(place).stat()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            below.clear()
            continue
        seen.add(identity)
        below[:] = sorted(name for name in below if not _is_hidden(name))
        yield Path(place), sorted(name for name in names if not _is_hidden(name))


def _refuse(error: OSError) -> NoReturn:
    raise CohortError(
        f"{error.filename}: cannot be read: {error.strerror}; ask for the right to read all of the "
        "download"
    ) from error


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _matching(folder: Path, pattern: str) -> Iterable[Path]:
    if not pattern.startswith(_ANYWHERE):
        return folder.glob(pattern)
    # The recursive glob follows no links to folders.
    inner = pattern.removeprefix(_ANYWHERE)
    return (path for place, _ in walk_download(folder) for path in place.glob(inner))


def _what_is_there(folder: Path) -> str:
    there = list(islice((path.name for path in sorted(folder.iterdir())), _SHOWN + 1))
    return f"there are {first_few(there, _SHOWN)}" if there else "the folder is empty"
