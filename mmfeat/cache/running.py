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
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from mmfeat.process_identity import lives, start_of_process, this_machine
from mmfeat.provenance import file_system_time_s, write_json
from mmfeat.work_shard import WorkShard

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
    shard: str = ""
    """Which share of the work it does, `i/n`; empty: all of it."""


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

    def __init__(
        self, folder: Path, *, shard: WorkShard | None = None, every_s: float = _EVERY_S
    ) -> None:
        host, pid = socket.gethostname(), os.getpid()
        self._folder = folder
        self._file = folder / f".running-{host}-{pid}-{uuid.uuid4().hex[:8]}.json"
        since = datetime.now(UTC).isoformat(timespec="seconds")
        self._running = Running(
            host, pid, since, this_machine(), start_of_process(pid), shard=str(shard or "")
        )
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
        remove_dead_marks(self._folder)
        try:
            self._name_others()
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

    def _name_others(self) -> None:
        for other in running_marks(self._folder):
            if not _do_not_meet(other.shard, self._running.shard):
                _LOGGER.warning(
                    "%s: another `mmfeat extract` (host %s, process %d, since %s) works on this "
                    "folder; both are safe, but do the same work twice",
                    self._folder,
                    other.host,
                    other.pid,
                    other.since,
                )

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


def _do_not_meet(shard: str, other: str) -> bool:
    """Say whether two extractions are different shares of the same work."""
    return shard != other and shard.partition("/")[2] == other.partition("/")[2] != ""


def running_marks(folder: Path) -> list[Running]:
    """Return the extractions that are at work on a cache folder, the longest-running first.

    A process of this machine is looked up. One of another machine counts as living while its mark
    is renewed, by the clock of the file system that holds it, so that no two clocks are compared.
    """
    living = [running for _, running, lives in _marks(folder) if lives and running is not None]
    return sorted(living, key=lambda running: (running.since, running.host, running.pid))


def remove_dead_marks(folder: Path) -> None:
    """Remove the marks of extractions that were killed, where this user may."""
    with suppress(OSError):
        for file, _, living in _marks(folder):
            if not living:
                file.unlink(missing_ok=True)


def _marks(folder: Path) -> Iterator[tuple[Path, Running | None, bool]]:
    """Yield the file of each mark, what it says if it is whole, and whether its owner lives."""
    now_s: float | None = None
    for file in sorted(folder.glob(".running-*.json")):
        try:
            running, renewed_s = _read(file), file.stat().st_mtime
        except OSError:
            continue  # its extraction has just ended, or it is not ours to read
        living = None if running is None else lives(running.machine, running.pid, running.process)
        if living is None:
            now_s = _clock_of(folder) if now_s is None else now_s
            living = now_s - renewed_s <= _SILENT_S
        yield file, running, living


def _read(file: Path) -> Running | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        running = Running(**{**told, "in_flight": tuple(told["in_flight"])})
        return running if isinstance(running.pid, int) else None
    except (ValueError, TypeError, KeyError):
        return None  # of another version, or torn by a failing disk


def _clock_of(folder: Path) -> float:
    """Return the time by the file system of a folder; by this machine where it is read-only."""
    try:
        return file_system_time_s(folder)
    except OSError:
        return time.time()
