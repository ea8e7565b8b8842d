"""A last look at an exported folder: nothing in it may name the machine that it was made on."""

import getpass
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmfeat.config.loading import Project
from mmfeat.errors import TrainError

_ABSOLUTE = re.compile(r"^(/[^/\s]+/|~/|[A-Za-z]:[\\/]|\\\\)")
_SHORTEST = 4
"""Names of machines and users that are shorter may be part of any word."""


def refuse_traces(folder: Path, project: Project) -> None:
    """Raise TrainError when a JSON or text file has a path or name of this machine.

    Args:
        folder: The exported folder.
        project: The project that the run belongs to.
    """
    names = [str(project.folder), str(Path.home())]
    names += [name for name in (socket.gethostname(), _user()) if len(name) >= _SHORTEST]
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".md", ".yaml"):
            _check(file, "", file.read_text(encoding="utf-8"), names[:2])
        elif file.suffix == ".json":
            for place, text in _texts(json.loads(file.read_text(encoding="utf-8"))):
                _check(file, place, text, names)
                if _ABSOLUTE.match(text):
                    raise _left(file, place, text)


def _check(file: Path, place: str, text: str, names: list[str]) -> None:
    for name in names:
        if name in text and name != "/":
            raise _left(file, place, name)


def _left(file: Path, place: str, found: str) -> TrainError:
    where = f"{file.name}, `{place}`" if place else file.name
    return TrainError(
        f"the export would name this machine ({where}: found `{found}`); take it out of the "
        "settings and train again"
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a number without a name, as in containers
        return ""


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Give every text of a JSON value, and where it is."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{place}[{number}]")
