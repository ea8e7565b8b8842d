"""The scripts that sbatch is given: for an admin to read, and to run again by hand."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from mmfeat.config.slurm import SlurmSettings
from mmfeat.launching.command_line import THIS_PYTHON, StageCall, command_line
from mmfeat.launching.job_folder import FINISH, JobRecord
from mmfeat.launching.slurm.directives import (
    array_directives,
    directives,
    finish_directives,
    literally,
)
from mmfeat.launching.slurm.names import finish_name, tasks_name

SUBMIT_NAME, FINISH_NAME = "submit.sh", "finish.sh"
_SHARD, _STATE = '"$shard/$n_shards"', '"$state"'


@dataclass(frozen=True)
class JobScripts:
    """Write the scripts of one job.

    The head of each is made of the settings, the rest is always the same: ``task.sh`` and
    ``finish.sh`` beside this file.
    """

    record: JobRecord
    folder: Path
    """Of the job, on a disk that all nodes see."""
    settings: SlurmSettings

    @property
    def in_shards(self) -> bool:
        """Whether the command is cut into shards, each of which goes on where it was stopped."""
        return self.record.finish is not None

    def submit(self) -> str:
        """Return the script of the tasks.

        Raises:
            LaunchError: A path cannot be written into it.
        """
        n_shards = self.record.n_shards
        of_array = [
            *array_directives(self.settings, n_shards),
            *self._directives(tasks_name(self.record), f"{literally(self.folder)}/logs/%a.log"),
        ]
        told = [
            f"Each of its tasks does one of {n_shards} shards of the work, whatever others do."
            if self.in_shards
            else "Its only task does the work.",
            *_GOES_ON[self.in_shards],
        ]
        shard = ("--shard", _SHARD) if self.in_shards else ()
        in_step = _is_step(self.settings.container)
        variables = [
            f"n_shards={n_shards}",
            f"restarts={self.settings.restarts} # in a row, that have finished nothing",
            f"goes_on={_YES[self.in_shards]} # from where it was, when it is begun again",
            f"in_step={_YES[in_step]} # whether the worker is behind srun",
        ]
        return self._script(
            _Script(
                told=told,
                sbatch=of_array,
                variables=variables,
                options=self.record.call.options,
                more=[*shard, "--state", _STATE],
                body="task.sh",
            )
        )

    def finish(self) -> str:
        """Return the script of what comes after all tasks.

        Raises:
            LaunchError: A path cannot be written into it.
        """
        log = f"{literally(self.folder)}/logs/{FINISH}.log"
        of_job = [
            *finish_directives(self.settings),
            *self._directives(finish_name(self.record), log),
        ]
        told = [
            "Runs when all tasks have ended: checks that nothing is missing, and puts in order."
        ]
        return self._script(
            _Script(
                told=told,
                sbatch=of_job,
                variables=[f"name={tasks_name(self.record)}"],
                options=self.record.finish or (),
                more=["--state", '"$job/state/finish.json"'],
                body="finish.sh",
            )
        )

    def _directives(self, name: str, log: str) -> list[str]:
        folder = Path(self.record.config).parent
        return directives(self.settings, name=name, log=log, folder=folder)

    def _script(self, script: "_Script") -> str:
        call = replace(self.record.call, options=script.options)
        lines = [
            "#!/bin/bash",
            f"# Written by mmfeat {self.record.versions['mmfeat']} at {self.record.created} for "
            f"`mmfeat {call.command} --launcher slurm`.",
            *(f"# {line}" for line in script.told),
            *script.sbatch,
            "",
            "set -euo pipefail",
            "",
            f"job={shlex.quote(str(self.folder))}",
            *script.variables,
            "",
            *self._set_up(),
            "# `exec`, so that signals reach the worker.",
            "start_worker() {",
            f"    exec {self._command(call, script.more)}",
            "}",
        ]
        return "\n".join(lines) + "\n" + _text(script.body)

    def _set_up(self) -> list[str]:
        lines = []
        if _is_step(self.settings.container):
            lines += [
                "# srun does not take over the number of cores by itself.",
                f"export SRUN_CPUS_PER_TASK={self.settings.cpus}",
                "",
            ]
        if self.settings.setup:
            about = "# `launch.slurm.setup`; such lines may use variables that are not set."
            lines += [about, "set +u", *self.settings.setup, "set -u", ""]
        return lines

    def _command(self, call: StageCall, more: Sequence[str]) -> str:
        prefix = [self.settings.container] if self.settings.container else []
        program = self.settings.program or ("mmfeat" if prefix else shlex.join(THIS_PYTHON))
        words = command_line(call, program=())
        return " ".join([*prefix, program, shlex.join(words), *more])


@dataclass(frozen=True)
class _Script:
    """What is different in the two scripts."""

    told: Sequence[str]
    """What an admin reads at the top."""
    sbatch: Sequence[str]
    variables: Sequence[str]
    """Lines that set what the body reads."""
    options: tuple[str, ...]
    """Of the command, beside its settings."""
    more: Sequence[str]
    """The last words of the command, in the language of the shell."""
    body: str
    """Name of the file with the rest."""


def _is_step(container: str | None) -> bool:
    """Say whether a container's prefix makes the worker a step of Slurm's own."""
    return container is not None and Path(container.split()[0]).name == "srun"


_YES = {True: "yes", False: "no"}
_GOES_ON = {
    True: [
        "A task may be stopped, killed, requeued and begun again at any time: what is finished is",
        "kept, and it goes on from there.",
    ],
    False: ["It may be requeued at any time, and then begins anew."],
}


def _text(name: str) -> str:
    return resources.files("mmfeat.launching.slurm").joinpath(name).read_text(encoding="utf-8")
