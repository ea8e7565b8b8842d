"""Say where a file came from, and put files in place so that nobody ever reads half of one."""

import errno
import hashlib
import json
import os
import platform
import re
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import mmfeat
from mmfeat.process_identity import is_alive

_PARTIAL_NAME = re.compile(r"\.(?P<pid>\d+)@(?P<processes>.+)-[0-9a-f]{8}\.partial")
_DAY_S = 24 * 3600.0
_LIBRARIES = ("torch", "monai", "h5py", "numpy", "pandas", "scikit-learn", "nibabel", "pydicom")


def canonical_json(value: Any) -> str:  # noqa: ANN401 - anything JSON can hold
    """Write a value as JSON, the same text for the same value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(identity: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of the canonical JSON of what something was made from."""
    return hashlib.sha256(canonical_json(identity).encode()).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def written_atomically(path: Path, *, make_folder: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``path``; when the block ends well, move it into place.

    The file is synchronised to disk before the move and the folder after it, so that after a crash
    ``path`` holds the old content or the new one, whole. When the block raises, the temporary file
    is removed.

    Args:
        path: Where the file is to be; replaced if it is there.
        make_folder: Whether to make its folder when there is none. A folder that has vanished while
            a program works on it may be on a disk that has gone, and is not to be made elsewhere.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_atomically(folder / "a.txt") as partial:
        ...     _ = partial.write_text("whole")
        >>> (folder / "a.txt").read_text()
        'whole'
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    # The real ending stays last: writers such as numpy and pandas choose their format by it.
    partial = path.with_name(f".{path.stem}.{owner_mark()}.partial{path.suffix}")
    try:
        yield partial
        _synchronise(partial)
        partial.replace(path)
        _synchronise(path.parent)
    except OSError as error:
        if error.filename is None and error.errno is not None:  # writing does not say where
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise
    finally:
        partial.unlink(missing_ok=True)


def file_system_time_s(folder: Path) -> float:
    """Return the time by the clock that stamps the files of a folder, perhaps another machine's.

    Raises:
        OSError: Nothing can be written to the folder.
    """
    probe = folder / f".clock.{owner_mark()}.partial"
    try:
        probe.touch(exist_ok=False)
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def remove_abandoned_partials(folder: Path) -> None:
    """Remove the temporary files that dead processes left in a folder; those of living ones stay.

    Raises:
        OSError: Nothing can be written to the folder.
    """
    for file in abandoned_partials(folder, file_system_time_s(folder)):
        file.unlink(missing_ok=True)  # another process may have removed it


def abandoned_partials(folder: Path, now_s: float) -> list[Path]:
    """List the temporary files that dead processes left in a folder.

    A process of another machine or container cannot be looked up, and a number may be another
    process's by now; so a file counts as abandoned after a day.

    Args:
        folder: Where to look.
        now_s: The time by the clock that stamps the folder's files.
    """
    abandoned = []
    for file in sorted(folder.glob(".*.partial*")):
        match = _PARTIAL_NAME.search(file.name)
        if match is None:
            continue
        ours = match["processes"] == process_table()
        with suppress(FileNotFoundError):  # another process has just removed or finished it
            if (ours and not is_alive(int(match["pid"]))) or now_s - file.stat().st_mtime > _DAY_S:
                abandoned.append(file)
    return abandoned


@cache
def process_table() -> str:
    """Name what a process's number is a number in: the machine, or the container on it."""
    try:
        return f"{socket.gethostname()}.{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:  # not Linux
        return socket.gethostname()


def write_json(
    path: Path,
    value: Any,  # noqa: ANN401 - anything JSON can hold
    *,
    make_folder: bool = True,
) -> None:
    """Write a value as indented JSON, atomically; NaN and infinity are refused."""
    with written_atomically(path, make_folder=make_folder) as partial:
        text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False)
        partial.write_text(text + "\n", encoding="utf-8")


def library_versions() -> dict[str, str]:
    """Return the versions of mmfeat, Python and the libraries that numbers depend on."""
    versions = {"mmfeat": mmfeat.__version__, "python": platform.python_version()}
    return versions | _found_versions()


@cache
def _found_versions() -> dict[str, str]:
    """Read them once: each is in a text file, and every head and shard names them all."""
    return {name: metadata.version(name) for name in _LIBRARIES}


def owner_mark() -> str:
    """Return what temporary names hold, so that it can be told whose they are; never the same."""
    return f"{os.getpid()}@{process_table()}-{uuid.uuid4().hex[:8]}"


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot synchronise a folder, and move files durably without.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(descriptor)
