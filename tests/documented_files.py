"""The files that a document shows: a name in backticks on a line of its own, then their content."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
_SHOWN = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def documented_files(document: str) -> dict[str, str]:
    """Return the content of each file that a document of docs/ shows, by its name."""
    return dict(_SHOWN.findall((PROJECT / "docs" / document).read_text()))


def write_documented(document: str, folder: Path) -> Path:
    """Write those files into a folder, and return it."""
    for name, content in documented_files(document).items():
        (folder / name).write_text(content)
    return folder
