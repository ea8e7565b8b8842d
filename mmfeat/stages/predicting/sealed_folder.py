"""A folder whose files are all named, with their digests, in one of them: nothing may differ."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from mmfeat.errors import TrainError, one_line
from mmfeat.provenance import sha256_of_file, write_json

SEAL = "model.json"
"""The file that names the others."""
_FORMAT = 1


def seal_folder(folder: Path, facts: Mapping[str, Any], *, beside: Collection[str] = ()) -> None:
    """Name all files of a folder with their digests; done last.

    Args:
        folder: The folder.
        facts: What else the file says, plain JSON values.
        beside: Files and folders in it that people may change.
    """
    files = {
        name: {"sha256": sha256_of_file(folder / name), "bytes": (folder / name).stat().st_size}
        for name in sorted(_files_of(folder, beside))
    }
    write_json(folder / SEAL, {"format": _FORMAT, **facts, "files": files})


def is_sealed(folder: Path) -> bool:
    """Say whether a folder is one that was sealed."""
    return (folder / SEAL).is_file()


def open_sealed(folder: Path, *, beside: Collection[str] = ()) -> dict[str, Any]:
    """Compare every file with its digest, and return what the folder says of itself.

    Args:
        folder: The folder.
        beside: Files and folders in it that are not looked at.

    Raises:
        TrainError: A file is missing, was changed or was put there afterwards; it is named.
    """
    path = folder / SEAL
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        made, files = known["format"], dict(known["files"])
        digests = {name: (one["sha256"], one["bytes"]) for name, one in files.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainError(
            f"{path}: damaged ({one_line(error)}); copy the exported folder again"
        ) from error
    if made != _FORMAT:
        raise TrainError(
            f"{path}: of format {made}, and this version reads format {_FORMAT}; export the run "
            "again, or use the version of mmfeat that made it"
        )
    there = _files_of(folder, beside)
    if lacking := sorted(set(digests) - there):
        raise TrainError(f"{folder / lacking[0]}: is missing; copy the exported folder again")
    if added := sorted(there - set(digests) - {SEAL}):
        raise TrainError(
            f"{folder / added[0]}: does not belong to the exported folder; take it out, or copy "
            "the folder again"
        )
    for name, (sha256, n_bytes) in digests.items():
        file = folder / name
        if file.stat().st_size != n_bytes or sha256_of_file(file) != sha256:
            raise TrainError(f"{file}: damaged or changed; copy the exported folder again")
    return known


def _files_of(folder: Path, beside: Collection[str]) -> set[str]:
    """Return the files below a folder, by their names from there."""
    return {
        file.relative_to(folder).as_posix()
        for entry in folder.iterdir()
        if entry.name not in beside
        for file in (entry.rglob("*") if entry.is_dir() else [entry])
        if file.is_file()
    }
