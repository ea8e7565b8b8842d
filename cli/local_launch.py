"""`--launcher local`: a stage by several processes of this machine, in one view."""

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mmfeat.errors import LaunchError
from mmfeat.wording import counted

from . import exit_codes
from .carrying_out import carry_out, may_do_better, without_options
from .console import console, print_json

if TYPE_CHECKING:
    from mmfeat.config.loading import Project
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.launching.local.crew import CrewWatch, ShardEnd
    from mmfeat.launching.local.places import Place
    from mmfeat.work_shard import WorkShard

    from .launching import Launch


def launch_here(asked: "Launch") -> int:
    """Have a stage done by workers on this machine, and return the exit code of the command.

    Raises:
        LaunchError: The job cannot be launched.
        Interrupted: A stop was asked for.
    """
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.work_shard import WorkShard

    if asked.finish is None:
        raise LaunchError(
            f"{asked.call.command}: is one process; run it here without --launcher local"
        )
    places = _places(asked.project, asked.call.command)
    wanted = asked.project.settings.launch.shards
    shards = WorkShard.all(len(places) if wanted == "auto" else wanted)
    if asked.dry_run:
        _show_commands(asked, places, shards)
        return exit_codes.DONE
    job = JobFolder.create(
        asked.project,
        asked.call,
        launcher="local",
        n_shards=len(shards),
        launch=asked.project.settings.launch.local.model_dump(mode="json"),
        finish=asked.finish,
    )
    return _carry_out(job, places, range(len(shards)), as_json=asked.as_json)


def launch_again_here(job: "JobFolder", project: "Project", shards: Sequence[int]) -> int:
    """Have some shards of an earlier job done again, as ``launch_here``."""
    return _carry_out(job, _places(project, job.record.command), shards, as_json=False)


def _places(project: "Project", command: str) -> "tuple[Place, ...]":
    from mmfeat.launching.local.places import places_of

    settings = project.settings
    device = settings.train.device if command == "train" else settings.extract.device
    return places_of(device, settings.launch.local.processes)


def _show_commands(
    asked: "Launch", places: "Sequence[Place]", shards: "Sequence[WorkShard]"
) -> None:
    """Print what would be run, as a shell takes it."""
    from mmfeat.launching.command_line import command_line

    program = ("mmfeat",)
    planned = [
        (places[shard.index % len(places)], command_line(asked.call, shard=shard, program=program))
        for shard in shards
    ]
    last = command_line(without_options(asked.call), more=asked.finish or (), program=program)
    n_at_once = min(len(places), len(shards))
    if asked.as_json:
        workers = [
            {"place": place.name, "environment": place.environment, "command": command}
            for place, command in planned
        ]
        print_json({"n_at_once": n_at_once, "shards": workers, "finish": last})
        return
    at_once = f"{counted(n_at_once, 'worker')}{' at the same time' * (n_at_once > 1)}"
    _say(f"# {counted(len(shards), 'shard')} by {at_once}")
    for place, command in planned:
        given = [f"{name}={shlex.quote(value)}" for name, value in place.environment.items()]
        _say(f"{' '.join(given)} {shlex.join(command)}  # {place.name}")
    _say(f"{shlex.join(last)}  # when all have ended")


def _carry_out(
    job: "JobFolder", places: "Sequence[Place]", shards: Sequence[int], *, as_json: bool
) -> int:
    from mmfeat.launching.command_line import command_line
    from mmfeat.launching.local.crew import Crew

    def command_of(shard: "WorkShard") -> list[str]:
        return command_line(job.record.call, shard=shard, state=job.state_file(shard.index))

    def by(
        shards: "Sequence[WorkShard]", watch: "CrewWatch", *, should_stop: Callable[[], bool]
    ) -> "tuple[ShardEnd, ...]":
        crew = Crew(job, command_of=command_of, may_restart=may_do_better, watch=watch)
        return crew.work(places, shards, should_stop=should_stop)

    return carry_out(job, shards, by=by, at_once=len(places), as_json=as_json)


def _say(text: str) -> None:
    console.print(text, soft_wrap=True)
