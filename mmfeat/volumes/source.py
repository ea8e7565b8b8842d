"""Say which bytes a volume comes from, wherever they lie."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.provenance import sha256_of_file
from mmfeat.volumes.companions import files_of


@dataclass(frozen=True)
class SourceStamp:
    """Identify the content of a volume's file or folder; moving it changes neither digest.

    ``stat`` is cheap and to be compared first: while it is the same, nothing else need be read.
    """

    sha256: str
    """Digest of the file's bytes; of a folder, or a header and its voxels: of the files' relative
    paths and digests."""
    stat: str
    """Size, and a short digest of relative paths, sizes and modification times."""


def source_stamp(path: Path) -> SourceStamp:
    """Return both digests of a file or folder.

    Raises:
        VolumeError: There is no such file or folder, or it cannot be read.
    """
    return SourceStamp(sha256=source_sha256(path), stat=source_stat(path))


def source_sha256(path: Path) -> str:
    """Return the digest of the content of a file, or of all files of a folder.

    Raises:
        VolumeError: There is no such file or folder, or it cannot be read.
    """
    try:
        files = source_files(path)
        if files == [path]:
            return sha256_of_file(path)
        start = _start(path)
        lines = [f"{sha256_of_file(file)} {_inside(start, file)}" for file in files]
    except OSError as error:
        raise VolumeError(f"{path}: cannot be read: {error.strerror}") from error
    return _digest(lines)


def source_stat(path: Path) -> str:
    """Return the size in bytes and a short digest of paths, sizes and times; no content is read.

    Raises:
        VolumeError: There is no such file or folder, or it cannot be read.
    """
    try:
        size_bytes, lines = 0, []
        start = _start(path)
        for file in source_files(path):
            status = file.stat()
            size_bytes += status.st_size
            lines.append(f"{status.st_size} {status.st_mtime_ns} {_inside(start, file)}")
    except OSError as error:
        raise VolumeError(f"{path}: cannot be read: {error.strerror}") from error
    return f"{size_bytes} {_digest(lines)[:16]}"


def stat_change(before: str, now: str) -> str:
    """Say in words how two stats of a source differ; an empty one is of a source that is gone.

    Example:
        >>> stat_change("10 ab", "12 cd")
        'size 10 -> 12 bytes'
        >>> stat_change("10 ab", "10 cd")
        'size as before, but touched; its digest will tell'
        >>> stat_change("10 ab 1f", "10 ab 2e")
        'its point is another, or its mask was touched; its digest will tell'
    """
    if not now:
        return "it is gone"
    if not before:
        return "it is there again"
    if has_other_point(before, now):
        return "its point is another, or its mask was touched; its digest will tell"
    old_bytes, new_bytes = stat_size_bytes(before), stat_size_bytes(now)
    if old_bytes != new_bytes:
        return f"size {old_bytes} -> {new_bytes} bytes"
    return "size as before, but touched; its digest will tell"


def has_other_point(before: str, now: str) -> bool:
    """Say whether only what comes after size and digest differs: the point of interest in it.

    Example:
        >>> has_other_point("10 ab 1f", "10 ab 2e"), has_other_point("10 ab 1f", "10 cd 1f")
        (True, False)
    """
    return before != now and before.split()[:2] == now.split()[:2]


def stat_size_bytes(stat: str) -> int:
    """Return the size that a stat tells, of all files of the source together; 0 of an empty one.

    Example:
        >>> stat_size_bytes("10 ab")
        10
    """
    return int(stat.split()[0]) if stat else 0


def source_files(path: Path) -> list[Path]:
    """List the files of a source: all below a folder, or the file and what belongs to it."""
    return files_below(path) if path.is_dir() else files_of(path)


def files_below(path: Path) -> list[Path]:
    """List a file itself, or all below a folder, sorted by relative path.

    Hidden files and folders (``.DS_Store``, ``._IM0001``) are no part of a source.
    """
    if not path.is_dir():
        return [path]
    files: list[Path] = []
    for folder, subfolders, names in os.walk(path, onerror=_raise):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        files += [Path(folder, name) for name in names if not name.startswith(".")]
    start = _start(path)
    return sorted(files, key=lambda file: _inside(start, file))


def _raise(error: OSError) -> None:
    raise error


def _start(path: Path) -> str:
    """Return how the paths of a source's files start, up to their places in it."""
    folder = path if path.is_dir() else path.parent
    return "" if folder == Path() else os.path.join(folder, "")  # noqa: PTH118 - ends with a slash


def _inside(start: str, file: Path) -> str:
    return str(file).removeprefix(start)


def _digest(lines: list[str]) -> str:
    # Names that are not UTF-8 are legal on disk; surrogateescape keeps their bytes.
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
