"""Who is extracting into a cache folder right now: a small file that each extraction keeps there.

The marks are for people. Features are safe without them, so nothing that goes wrong with a mark
ends an extraction.
"""

import json
import logging
import os
import socket
import time
import uuid
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from mmfeat.provenance import file_system_time_s, is_alive, write_json

_LOGGER = logging.getLogger(__name__)
_EVERY_S = 5.0
_SILENT_S = 300.0
"""A mark whose process cannot be looked up counts as dead when it was not renewed for so long."""


@dataclass(frozen=True)
class Running:
    """Say how far one extraction is."""

    host: str
    pid: int
    since: str
    """UTC, ISO 8601."""
    machine: str
    """Names the table of processes that ``pid`` is a number of: containers have their own."""
    process: str
    """Tells the process from a later one with the same number; empty where it cannot be known."""
    in_flight: tuple[str, ...] = ()
    """Cases that are being read, prepared or embedded."""
    n_done: int = 0
    """Cases that this extraction has settled; failed ones count."""
    n_jobs: int = 0
    """Cases that it has to settle."""
    cases_per_s: float | None = None
    eta_s: float | None = None
    """Estimated time that is left."""


class RunningMark:
    """Mark a cache folder as being extracted into, until the block ends.

    A thread renews the mark every few seconds. A killed process leaves its mark behind; readers see
    that it is dead, and the next extraction removes it.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with RunningMark(folder) as mark:
        ...     mark.update(in_flight=["case-7"], n_done=3, n_jobs=10)
        ...     len(running_marks(folder))
        1
        >>> running_marks(folder)
        []
    """

    def __init__(self, folder: Path, *, every_s: float = _EVERY_S) -> None:
        host, pid = socket.gethostname(), os.getpid()
        self._folder = folder
        self._file = folder / f".running-{host}-{pid}-{uuid.uuid4().hex[:8]}.json"
        since = datetime.now(UTC).isoformat(timespec="seconds")
        self._running = Running(host, pid, since, _machine(), _process(pid))
        self._every_s = every_s
        self._ended = Event()
        self._thread = Thread(target=self._renew, name="running-mark", daemon=True)
        self._told = False

    def update(
        self,
        *,
        in_flight: Collection[str],
        n_done: int,
        n_jobs: int,
        cases_per_s: float | None = None,
        eta_s: float | None = None,
    ) -> None:
        """Say how far the work is; cheap, for only the thread writes."""
        self._running = replace(
            self._running,
            in_flight=tuple(in_flight),
            n_done=n_done,
            n_jobs=n_jobs,
            cases_per_s=cases_per_s,
            eta_s=eta_s,
        )

    def __enter__(self) -> Self:
        """Remove the marks of dead extractions, name the living ones, and begin."""
        try:
            for file, other, living in _marks(self._folder):
                if not living:
                    file.unlink(missing_ok=True)
                elif other is not None:
                    _LOGGER.warning(
                        "%s: another `mmfeat extract` (host %s, process %d, since %s) works on "
                        "this folder; both are safe, but do the same work twice",
                        self._folder,
                        other.host,
                        other.pid,
                        other.since,
                    )
        except OSError as error:
            self._tell(error)
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the mark, however the work has ended."""
        self._ended.set()
        self._thread.join()
        try:
            self._file.unlink(missing_ok=True)
        except OSError as fault:
            self._tell(fault)

    def _renew(self) -> None:
        while not self._ended.wait(self._every_s):
            self._write()

    def _write(self) -> None:
        try:
            # A folder that has vanished is not made again for a mark.
            write_json(self._file, asdict(self._running), make_folder=False)
        except (OSError, ValueError) as error:
            self._tell(error)

    def _tell(self, error: OSError | ValueError) -> None:
        if not self._told:
            self._told = True
            _LOGGER.warning(
                "%s: `mmfeat status` cannot show this extraction, which goes on (%s)",
                self._folder,
                error,
            )


def running_marks(folder: Path) -> list[Running]:
    """Return the extractions that are at work on a cache folder, the longest-running first.

    A process of this machine is looked up. One of another machine counts as living while its mark
    is renewed, by the clock of the file system that holds it, so that no two clocks are compared.
    """
    living = [running for _, running, lives in _marks(folder) if lives and running is not None]
    return sorted(living, key=lambda running: (running.since, running.host, running.pid))


def _marks(folder: Path) -> Iterator[tuple[Path, Running | None, bool]]:
    """Yield the file of each mark, what it says if it is whole, and whether its owner lives."""
    now_s: float | None = None
    for file in sorted(folder.glob(".running-*.json")):
        try:
            running, renewed_s = _read(file), file.stat().st_mtime
        except OSError:
            continue  # its extraction has just ended, or it is not ours to read
        lives = None if running is None else _lives(running)
        if lives is None:
            now_s = _clock_of(folder) if now_s is None else now_s
            lives = now_s - renewed_s <= _SILENT_S
        yield file, running, lives


def _read(file: Path) -> Running | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        running = Running(**{**told, "in_flight": tuple(told["in_flight"])})
        return running if isinstance(running.pid, int) else None
    except (ValueError, TypeError, KeyError):
        return None  # of another version, or torn by a failing disk


def _lives(running: Running) -> bool | None:
    """Look a process up; None where it cannot be."""
    if running.machine != _machine():
        return None
    if not is_alive(running.pid):
        return False
    return _process(running.pid) == running.process if _process(running.pid) else None


def _clock_of(folder: Path) -> float:
    """Return the time by the file system of a folder; by this machine where it is read-only."""
    try:
        return file_system_time_s(folder)
    except OSError:
        return time.time()


@cache
def _machine() -> str:
    """Name the table of processes that this one is in: the boot of a machine, and the container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _process(pid: int) -> str:
    """Return when a process began, in ticks since the boot; empty where it cannot be seen."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    state, start = fields[0], fields[19]
    return "ended" if state in "ZX" else start
