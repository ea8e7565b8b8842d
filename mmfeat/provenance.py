"""Say where a file came from, and put files in place so that nobody ever reads half of one."""

import hashlib
import json
import os
import platform
import re
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import mmfeat

_PARTIAL_NAME = re.compile(r"\.(?P<pid>\d+)@(?P<host>.+)-[0-9a-f]{8}\.partial")
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
def written_atomically(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; when the block ends well, move it into place.

    The file is synchronised to disk before the move and the folder after it, so that after a crash
    ``path`` holds the old content or the new one, whole. When the block raises, the temporary file
    is removed.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_atomically(folder / "a.txt") as partial:
        ...     _ = partial.write_text("whole")
        >>> (folder / "a.txt").read_text()
        'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The real ending stays last: writers such as numpy and pandas choose their format by it.
    owner = f"{os.getpid()}@{socket.gethostname()}"
    partial = path.with_name(f".{path.stem}.{owner}-{uuid.uuid4().hex[:8]}.partial{path.suffix}")
    try:
        yield partial
        _synchronise(partial)
        partial.replace(path)
        _synchronise(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def remove_abandoned_partials(folder: Path) -> None:
    """Remove the temporary files that dead processes left in a folder; those of living ones stay.

    A process of another machine cannot be looked up; its file counts as abandoned after a day.
    """
    for file in folder.glob(".*.partial*"):
        match = _PARTIAL_NAME.search(file.name)
        if match is None:
            continue
        if match["host"] == socket.gethostname():
            abandoned = not _is_alive(int(match["pid"]))
        else:
            abandoned = time.time() - file.stat().st_mtime > 24 * 3600
        if abandoned:
            file.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Write a value as indented JSON, atomically; NaN and infinity are refused."""
    with written_atomically(path) as partial:
        partial.write_text(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def library_versions() -> dict[str, str]:
    """Return the versions of mmfeat, Python and the libraries that numbers depend on."""
    versions = {"mmfeat": mmfeat.__version__, "python": platform.python_version()}
    return versions | {name: metadata.version(name) for name in _LIBRARIES}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as another user's
        return True
    return True


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
