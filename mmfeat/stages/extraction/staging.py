"""Copy scans to a disk of this machine before they are read, while those before are embedded."""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from mmfeat.config.loading import Project
from mmfeat.config.modalities import ExtractSettings
from mmfeat.errors import ConfigError, RemoteError, VolumeError
from mmfeat.manifest.regions import Region
from mmfeat.remote import local_copy
from mmfeat.remote_path import AnyPath, RemotePath
from mmfeat.scratch_folder import ScratchFolder, Ticket
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.scan_content import at_hand, current_stat
from mmfeat.volumes import stat_size_bytes
from mmfeat.volumes.source import source_files

_LOGGER = logging.getLogger(__name__)
_GB = 10**9
_CHUNK_BYTES = 8 * 1024**2


def with_stage_folder(project: Project) -> ExtractSettings:
    """Return the settings of extraction, `stage` as a folder of this machine.

    Raises:
        ConfigError: It names a variable that this machine does not have.
    """
    settings = project.settings.extract
    if settings.stage is None:
        return settings
    text = os.path.expandvars(settings.stage)
    if "$" in text:
        raise ConfigError(
            f"extract.stage: `{settings.stage}` has a variable that is not set here; set it, or "
            "name a folder on this machine's own disk"
        )
    return settings.model_copy(update={"stage": str(project.path(Path(text).expanduser()))})


def staging_of(
    settings: ExtractSettings, jobs: Sequence[Job], *, workers: int
) -> AbstractContextManager["Staging | None"]:
    """Return the staging that the settings ask for, to be entered; None where they ask for none.

    Args:
        settings: As `with_stage_folder` gives them.
        jobs: The scans, in the order in which they will be read.
        workers: Scans that are read at the same time.
    """
    if settings.stage is None:
        return nullcontext()
    return Staging(Path(settings.stage), jobs, most_gb=settings.stage_gb, workers=workers)


class Copied:
    """A scan that was copied, until it is let go."""

    def __init__(self, path: Path | None, held: ExitStack) -> None:
        self.path = path
        """None: it is to be read where it is."""
        self._held = held

    def let_go(self) -> None:
        """Remove the copy."""
        self._held.close()


class Staging:
    """Copy the scans of jobs ahead of whoever reads them; a context manager.

    Only where they are read from differs: stat and digest are those of the files at their place,
    since a copy has the same content under the same relative paths. What cannot be copied is read
    where it is.
    """

    def __init__(self, root: Path, jobs: Sequence[Job], *, most_gb: float, workers: int) -> None:
        """Copy nothing yet.

        Args:
            root: Folder on a disk of this machine.
            jobs: In the order in which they will be read.
            most_gb: What all copies may take at any time.
            workers: Scans that are copied at the same time; so many more wait to be read.
        """
        self._scratch = ScratchFolder(root, most_bytes=int(most_gb * _GB))
        self._root, self._jobs, self._workers = root, jobs, workers
        self._copies: dict[int, Future[Copied]] = {}
        self._n_begun = 0
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="mmfeat-stage")
        self._told = False

    def __enter__(self) -> Self:
        """Make the folder for the copies, and remove those of processes that were killed.

        Raises:
            ConfigError: It cannot be made.
        """
        try:
            self._scratch.__enter__()
        except OSError as error:
            raise ConfigError(
                f"extract.stage: {self._root} cannot be written to ({error.strerror}); name "
                "another folder, or leave it out"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop copying, and remove all copies."""
        self._scratch.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._scratch.__exit__(kind, error, trace)

    def ahead(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Pass on the jobs, with the next ones being copied."""
        for place, job in enumerate(jobs):
            while self._n_begun < min(place + 2 * self._workers, len(self._jobs)):
                following = self._jobs[self._n_begun]
                ticket = self._scratch.ticket()
                self._copies[id(following)] = self._pool.submit(self._copy, following, ticket)
                self._n_begun += 1
            yield job

    @contextmanager
    def at_hand(self, job: Job) -> Iterator[tuple[Path, Region | None]]:
        """Have a scan on this machine while it is read; errors about the copy name the scan."""
        late = VolumeError(f"{job.path}: is not read any more, for the work stops")
        try:
            copied = self._copies.pop(id(job)).result()
        except CancelledError:
            raise late from None
        try:
            if self._scratch.is_closed:
                raise late
            if copied.path is None:
                with at_hand(job.path, job.region) as there:
                    yield there
            else:
                with at_hand(copied.path, job.region) as here:
                    yield here
        except VolumeError as error:
            if copied.path is None:
                raise
            raise VolumeError(str(error).replace(str(copied.path), str(job.path))) from error
        finally:
            copied.let_go()

    def _copy(self, job: Job, ticket: Ticket) -> Copied:
        with ExitStack() as held:
            try:
                n_bytes = stat_size_bytes(current_stat(job.path))
                folder = held.enter_context(self._scratch.room(ticket, n_bytes))
                path = None if folder is None else self._fetch(job.path, folder, held)
            except (OSError, VolumeError, RemoteError) as error:
                # Reading the scan where it is will say what is wrong with it, if anything is.
                self._tell(job.path, error)
                path = None
            finally:
                self._scratch.forget(ticket)
            if path is not None:
                return Copied(path, held.pop_all())
        return Copied(None, ExitStack())

    def _fetch(self, path: AnyPath, folder: Path, held: ExitStack) -> Path | None:
        if isinstance(path, RemotePath):
            return held.enter_context(local_copy(path, folder))
        return self._copy_files(path, folder)

    def _copy_files(self, path: Path, folder: Path) -> Path | None:
        """Copy a folder, or a file with what belongs to it; None where it was not finished."""
        base = path if path.is_dir() else path.parent
        copied = folder / path.name
        for file in source_files(path):
            copy = (copied if path.is_dir() else folder) / file.relative_to(base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not self._copy_file(file, copy):
                return None
        return copied

    def _copy_file(self, file: Path, copy: Path) -> bool:
        """Copy a file; say whether it was copied to the end."""
        with file.open("rb") as source, copy.open("wb") as target:
            while chunk := source.read(_CHUNK_BYTES):
                if self._scratch.is_closed:
                    return False
                target.write(chunk)
        return True

    def _tell(self, path: AnyPath, error: Exception) -> None:
        if not self._told:
            self._told = True
            _LOGGER.warning(
                "%s: cannot be copied to %s (%s); it is read where it is, and so are others that "
                "cannot be copied",
                path,
                self._root,
                error,
            )
