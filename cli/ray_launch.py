"""`--launcher ray`: a stage by actors of a cluster that Ray runs, in one view."""

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mmfeat.errors import LaunchError

from . import exit_codes
from .carrying_out import carry_out, may_do_better, without_options
from .console import console, print_json

if TYPE_CHECKING:
    from mmfeat.config.loading import Project
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.launching.local.crew import CrewWatch, ShardEnd
    from mmfeat.launching.ray.cluster import Cluster
    from mmfeat.work_shard import WorkShard

    from .launching import Launch

_SHARDS_OF_A_WORKER = 4
"""More shards than workers, so that a lost node costs little and new ones find work."""


def launch_on_ray(asked: "Launch") -> int:
    """Have a stage done by a cluster, and return the exit code of the command.

    Raises:
        LaunchError: Ray is not there, the cluster cannot be reached, or it has no room.
        Interrupted: A stop was asked for.
    """
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.launching.ray.cluster import connected

    if asked.finish is None:
        raise LaunchError(
            f"{asked.call.command}: is one process; run it on a machine of the cluster without "
            "--launcher ray"
        )
    launch = asked.project.settings.launch
    with connected(launch.ray, device=_device(asked.project, asked.call.command)) as cluster:
        n_shards = launch.shards
        if n_shards == "auto":
            n_shards = _SHARDS_OF_A_WORKER * max(1, cluster.size.at_once)
        if asked.dry_run:
            _show(asked, cluster, n_shards)
            return exit_codes.DONE
        job = JobFolder.create(
            asked.project,
            asked.call,
            launcher="ray",
            n_shards=n_shards,
            launch=launch.ray.model_dump(mode="json"),
            finish=asked.finish,
        )
        return _carry_out(job, cluster, range(n_shards), as_json=asked.as_json)


def launch_again_on_ray(job: "JobFolder", project: "Project", shards: Sequence[int]) -> int:
    """Have some shards of an earlier job done again, as ``launch_on_ray``."""
    from mmfeat.launching.ray.cluster import connected

    device = _device(project, job.record.command)
    with connected(project.settings.launch.ray, device=device) as cluster:
        return _carry_out(job, cluster, shards, as_json=False)


def _device(project: "Project", command: str) -> str:
    settings = project.settings
    return settings.train.device if command == "train" else settings.extract.device


def _carry_out(
    job: "JobFolder", cluster: "Cluster", shards: Sequence[int], *, as_json: bool
) -> int:
    from mmfeat.launching.ray.crew import RayCrew

    def by(
        shards: "Sequence[WorkShard]", watch: "CrewWatch", *, should_stop: Callable[[], bool]
    ) -> "tuple[ShardEnd, ...]":
        crew = RayCrew(job, cluster, may_restart=may_do_better, watch=watch)
        return crew.work(shards, should_stop=should_stop)

    return carry_out(job, shards, by=by, at_once=max(1, cluster.size.at_once), as_json=as_json)


def _show(asked: "Launch", cluster: "Cluster", n_shards: int) -> None:
    """Print what would be run, as a shell takes it."""
    from mmfeat.launching.command_line import command_line
    from mmfeat.work_shard import WorkShard

    program = ("mmfeat",)
    commands = [
        command_line(asked.call, shard=shard, program=program) for shard in WorkShard.all(n_shards)
    ]
    last = command_line(without_options(asked.call), more=asked.finish or (), program=program)
    if asked.as_json:
        needs = dict(cluster.size.needs)
        print_json(
            {"n_at_once": cluster.size.at_once, "needs": needs, "shards": commands, "finish": last}
        )
        return
    size = cluster.size
    _say(
        f"# {n_shards} shards, each an actor with {size.gpus:g} GPUs and {size.cpus} cores; "
        f"there is room for {size.at_once} at the same time"
    )
    for command in commands:
        _say(shlex.join(command))
    _say(f"{shlex.join(last)}  # when all have ended")


def _say(text: str) -> None:
    console.print(text, soft_wrap=True)
