"""Examine the file system that a folder is on, as a run will use it; nothing is left there."""

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmfeat.errors import one_line
from mmfeat.provenance import written_atomically
from mmfeat.stages.doctor.finding import Finding

_PROBE_BYTES = 4_000_000
_NETWORK = (
    "nfs", "cifs", "smb", "9p", "afs", "beegfs", "ceph", "fuse", "gfs", "glusterfs", "gpfs",
    "lustre", "ocfs2", "orangefs", "pvfs", "wekafs",
)  # fmt: skip
_IN_MEMORY = ("tmpfs", "ramfs")
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


@dataclass(frozen=True)
class Place:
    """Say what the file system of a folder is, and what is free on it."""

    folder: Path
    """The folder itself, or the nearest one above it that is there."""
    file_system: str
    """Its type, such as ``ext4``; empty where the system does not tell."""
    free_bytes: int
    free_files: int | None
    """How many more files fit; None where that is not limited."""

    @property
    def is_network(self) -> bool:
        """Whether the file system is on another machine."""
        return self.file_system.startswith(_NETWORK)


def disk_findings(check: str, folder: Path) -> Iterator[Finding]:
    """Write, synchronise, replace, read back, lock and delete, as a run does.

    Args:
        check: The setting that names the folder.
        folder: It need not be there yet; then the nearest folder above it is tried.
    """
    place = nearest_folder(folder)
    if not place.is_dir():
        message = f"{place}: is no folder, and has to be one"
        yield Finding(check, "problem", message, f"move it away, or set `{check}` to another name")
        return
    try:
        with _probe_folder(place) as probe:
            seconds = _write_and_read(probe / "probe")
            locks = _locks_work(probe / "lock")
    except OSError as error:
        fix = f"mend the disk or the permissions, make room, or set `{check}` to another folder"
        yield Finding(check, "problem", f"{folder}: cannot be written to: {one_line(error)}", fix)
        return
    kind = file_system_of(place) or "unknown file system"
    message = f"{folder} ({kind}): 4 MB written, replaced and read back in {seconds:.2f} s"
    if kind in _IN_MEMORY:
        fix = f"set `{check}` to a folder on a disk, if it is to outlive a restart"
        yield Finding(check, "warning", f"{message}; it is in memory only", fix)
    elif not locks:
        fix = "none is needed while one extraction at a time works on the cache"
        lost = "no file locks: two extractions at once may forget a failure, never a feature"
        yield Finding(check, "warning", f"{message}; {lost}", fix)
    else:
        yield Finding(check, "ok", f"{message}, locks work")


def look_at_place(folder: Path) -> Place:
    """Return what is free where a folder is, or will be made.

    Raises:
        OSError: The file system does not answer.
    """
    there = nearest_folder(folder)
    status = os.statvfs(there)
    return Place(
        folder=there,
        file_system=file_system_of(there),
        free_bytes=shutil.disk_usage(there).free,
        free_files=status.f_favail if status.f_files else None,
    )


def nearest_folder(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there; a file that is in the way."""
    return next(one for one in (folder, *folder.parents) if os.path.lexists(one))


def file_system_of(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the type of the file system that a folder is on; empty where it cannot be known."""
    if not mounts.is_file():
        return ""
    best, kind = Path(), ""
    for line in mounts.read_text(errors="replace").splitlines():
        _, point, found, *_ = line.split(" ")
        mounted = Path(point.replace("\\040", " "))
        inside = folder.resolve().is_relative_to(mounted)
        if inside and len(mounted.parts) >= len(best.parts):  # later mounts hide earlier ones
            best, kind = mounted, found
    return kind


@contextmanager
def _probe_folder(place: Path) -> Iterator[Path]:
    probe = Path(tempfile.mkdtemp(prefix=".mmfeat-doctor-", dir=place))
    try:
        yield probe
    finally:
        shutil.rmtree(probe)


def _write_and_read(file: Path) -> float:
    """Write a file twice, the second time over the first, as every result is; return the seconds.

    Raises:
        OSError: The disk refuses, or gives back something else.
    """
    started = time.perf_counter()
    for number in (1, 2):
        content = bytes([number]) * _PROBE_BYTES
        with written_atomically(file) as partial:
            partial.write_bytes(content)
        if file.read_bytes() != content:
            raise OSError(errno.EIO, "what was written is not what is read back", str(file))
    return time.perf_counter() - started


def _locks_work(file: Path) -> bool:
    """Say whether a lock keeps a second one out."""
    with file.open("w") as first, file.open("w") as second:
        try:
            fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
    return False
