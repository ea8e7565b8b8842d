"""The files that a remote scan consists of, and its stat."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmfeat.errors import RemoteError
from mmfeat.remote.stores import file_system, told_by_store
from mmfeat.remote_path import RemotePath

_VERSIONS = ("ETag", "etag", "Content-MD5", "LastModified", "Last-Modified", "updated", "mtime")
"""Under which names stores say what changes with a file, the best first."""
_HALVES = (".hdr", ".hdr.gz", ".img", ".img.gz", ".nhdr", ".mhd")


@dataclass(frozen=True)
class RemoteFile:
    """One file as a store described it at some moment."""

    path: RemotePath
    inside: str
    """Its place in the folder that was asked for, with slashes; its name where it was asked for
    itself."""
    size_bytes: int | None
    """None where a web server does not tell."""
    version: str
    """What the store says that changes when the file does: its ETag, or else its time; empty where
    a web server says nothing of the kind."""


def look(path: RemotePath) -> tuple[RemoteFile, ...]:
    """Ask a store what is at a path: one file, or all below a folder but for hidden ones.

    Raises:
        RemoteError: Nothing is there, or the store cannot be asked.
    """
    if path.name.lower().endswith(_HALVES):
        raise RemoteError(
            f"{path}: half of a scan in two files, which are read from disk alone; store it as one "
            "file (.nii.gz, .nrrd, .mha)"
        )
    with told_by_store(path):
        store = file_system(path)
        found = store.info(path.url)
        if found["type"] != "directory":
            return (described(path, path.name, found),)
        below: Mapping[str, Mapping[str, Any]] = store.find(path.url, detail=True)
    start = f"{path.root.partition('://')[2]}/{path.key}".rstrip("/") + "/"
    files = []
    for name, facts in below.items():
        inside = name.removeprefix(start)
        steps = inside.split("/")
        if any(step in ("", "..") for step in steps):
            raise RemoteError(
                f"{path}: a file in it is called {inside!r}, which no folder can hold"
            )
        if not any(step.startswith(".") for step in steps):
            files.append(described(RemotePath(path.root, f"{path.key}/{inside}"), inside, facts))
    if not files:
        raise RemoteError(f"{path}: no such file or folder", is_missing=True)
    return tuple(sorted(files, key=lambda file: file.inside))


def described(path: RemotePath, inside: str, facts: Mapping[str, Any]) -> RemoteFile:
    """Return a file as the facts of fsspec describe it."""
    size = facts.get("size")
    version = next((str(facts[name]) for name in _VERSIONS if facts.get(name)), "")
    return RemoteFile(path, inside, None if size is None else int(size), version.strip('"'))


def remote_stat(files: Sequence[RemoteFile]) -> str:
    """Return size in bytes and a short digest of names, sizes and versions, as of a scan on disk.

    Example:
        >>> file = RemoteFile(RemotePath.parse("s3://trial/a.nii"), "a.nii", 352, "5f36")
        >>> remote_stat([file])
        '352 d8403c445e9ce193'
    """
    lines = [f"{file.size_bytes} {file.version} {file.inside}" for file in files]
    size_bytes = sum(file.size_bytes or 0 for file in files)
    return f"{size_bytes} {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"
