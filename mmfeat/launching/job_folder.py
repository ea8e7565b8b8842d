"""The folder of a job: what was launched, how far each worker is, and what it wrote."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from mmfeat.config.loading import Project
from mmfeat.errors import LaunchError
from mmfeat.launching.command_line import StageCall, StageCommand
from mmfeat.launching.worker_state import WorkerState, read_worker_state
from mmfeat.provenance import library_versions, write_json
from mmfeat.work_shard import WorkShard

FINISH = "finish"
"""Stands for the command that comes after all shards, where shards have their number."""
JOB_NAME = "job.json"
_FORMAT = 1
CANCELLED = "cancelled"
"""Note of the engine: whether `mmfeat jobs cancel` has ended the job."""


@dataclass(frozen=True)
class JobRecord:
    """Say what was launched; nothing in it is secret."""

    job: str
    """Name of the job and of its folder."""
    command: StageCommand
    config: str
    """The settings file."""
    overrides: tuple[str, ...]
    options: tuple[str, ...]
    launcher: str
    """`local`, `slurm` or `ray`."""
    n_shards: int
    created: str
    """UTC, ISO 8601."""
    launch: Mapping[str, Any]
    """The settings of the launcher."""
    versions: Mapping[str, str]
    finish: tuple[str, ...] | None = None
    """Options of the command that comes after all shards; None: nothing does, and the command is
    not cut into shards."""
    engine: Mapping[str, Any] = field(default_factory=dict)
    """What the engine calls the job: process ids, ids of Slurm, an address of Ray."""

    @property
    def call(self) -> StageCall:
        """What its workers run."""
        return StageCall(
            self.command, Path(self.config), tuple(self.overrides), tuple(self.options)
        )


@dataclass(frozen=True)
class ShardStatus:
    """Say what the job folder knows of one shard."""

    name: str
    """Its number, or `finish`."""
    state: WorkerState | None
    """None: no worker has begun it."""
    log: Path
    """What its workers wrote; it need not be there yet."""


class JobFolder:
    """The folder of one job; made by ``create`` or ``open``.

    ``job.json`` is what was launched, ``state/<i>.json`` how far each worker is, ``logs/<i>.log``
    what each wrote. Every file is written whole, so anybody may read at any time.
    """

    def __init__(self, path: Path, record: JobRecord) -> None:
        self.path = path
        self.record = record

    @classmethod
    def create(
        cls,
        project: Project,
        call: StageCall,
        *,
        launcher: str,
        n_shards: int,
        launch: Mapping[str, Any],
        finish: Sequence[str] | None,
    ) -> Self:
        """Make the folder of a new job, in `launch.folder`; as ``planned``, and then ``make``."""
        folder = cls.planned(
            project, call, launcher=launcher, n_shards=n_shards, launch=launch, finish=finish
        )
        folder.make()
        return folder

    @classmethod
    def planned(
        cls,
        project: Project,
        call: StageCall,
        *,
        launcher: str,
        n_shards: int,
        launch: Mapping[str, Any],
        finish: Sequence[str] | None,
    ) -> Self:
        """Return the folder of a new job, which is not on the disk yet.

        Args:
            project: Whose settings name the folder of jobs.
            call: What workers are to run.
            launcher: Who runs them.
            n_shards: Shares that the work is cut into.
            launch: The settings of the launcher, as plain JSON values.
            finish: Options of the command that comes after all shards; None: nothing does.
        """
        now = datetime.now(UTC)
        job = f"{now:%Y%m%dT%H%M%SZ}-{call.command}-{uuid4().hex[:4]}"
        record = JobRecord(
            job=job,
            command=call.command,
            config=str(call.config),
            overrides=call.overrides,
            options=call.options,
            launcher=launcher,
            n_shards=n_shards,
            created=now.isoformat(timespec="seconds"),
            launch=launch,
            versions=library_versions(),
            finish=None if finish is None else tuple(finish),
        )
        return cls(jobs_folder(project) / job, record)

    def make(self) -> None:
        """Put the folder on the disk.

        Raises:
            LaunchError: It cannot be made.
        """
        try:
            for path in (self.path / "state", self.path / "logs"):
                path.mkdir(parents=True)
            self._write()
        except OSError as error:
            raise LaunchError(
                f"{self.path}: cannot be made ({error.strerror}); mend it, or choose another "
                "`launch.folder`"
            ) from error

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the folder of a job.

        Raises:
            LaunchError: It is none, or its job.json cannot be read or is of another format.
        """
        file = path / JOB_NAME
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            made = told.get("format", _FORMAT)
            if made != _FORMAT:
                raise LaunchError(
                    f"{file}: of format {made}, and this version reads {_FORMAT}; look after the "
                    "job with the version of mmfeat that launched it, or delete the folder and run "
                    "its command again (what is finished is kept)"
                )
            known = {one.name for one in fields(JobRecord)}
            values: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in told.items()
                if name in known
            }
            record = JobRecord(**values)
        except FileNotFoundError as error:
            raise LaunchError(
                f"{path}: is no job; `mmfeat jobs` lists those that there are"
            ) from error
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise LaunchError(
                f"{file}: cannot be read as what was launched; restore it, or delete the folder"
            ) from error
        return cls(path, record)

    @classmethod
    def all(cls, project: Project) -> list[Self]:
        """Return the jobs of a project, the oldest first.

        Raises:
            LaunchError: One cannot be read.
        """
        return [
            cls.open(file.parent) for file in sorted(jobs_folder(project).glob(f"*/{JOB_NAME}"))
        ]

    def state_file(self, name: int | str) -> Path:
        """Return where the worker of a shard, or of `finish`, writes how far it is."""
        return self.path / "state" / f"{name}.json"

    def log_file(self, name: int | str) -> Path:
        """Return where what a worker writes is kept."""
        return self.path / "logs" / f"{name}.log"

    def shards(self) -> list[ShardStatus]:
        """Return what is known of each shard, in their order."""
        return [self.status(shard.index) for shard in WorkShard.all(self.record.n_shards)]

    def status(self, name: int | str) -> ShardStatus:
        """Return what is known of one shard, or of `finish`."""
        state = read_worker_state(self.state_file(name))
        return ShardStatus(str(name), state, self.log_file(name))

    def note_engine(self, **ids: object) -> None:
        """Keep what the engine calls the job, beside what is known already.

        Raises:
            LaunchError: The file cannot be written.
        """
        self.record = replace(self.record, engine={**self.record.engine, **ids})
        try:
            self._write()
        except OSError as error:
            raise LaunchError(
                f"{self.path / JOB_NAME}: cannot be written ({error.strerror}); mend the disk"
            ) from error

    def _write(self) -> None:
        told = {"format": _FORMAT, **asdict(self.record)}
        write_json(self.path / JOB_NAME, told, make_folder=False)


def jobs_folder(project: Project) -> Path:
    """Return the folder that holds the folders of a project's jobs."""
    return Path(os.path.normpath(project.path(project.settings.launch.folder)))
