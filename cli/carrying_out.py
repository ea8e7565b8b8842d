"""Have the shards of a job done by workers that this process watches, and end the job."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from mmfeat.errors import Interrupted
from mmfeat.wording import counted, first_and_more

from . import exit_codes
from .console import messages
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.launching.command_line import StageCall
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.launching.local.crew import CrewWatch, ShardEnd
    from mmfeat.work_shard import WorkShard

_GRAVEST_LAST = (
    exit_codes.DONE,
    exit_codes.SOME_FAILED,
    exit_codes.STOPPED,
    exit_codes.USER_CAN_MEND,
    exit_codes.OUR_FAULT,
)
_LAST_WORD = frozenset({*_GRAVEST_LAST, exit_codes.NO_GAIN} - {exit_codes.OUR_FAULT})
"""Exit codes after which the same command would do no better."""
_SHOWN = 8


class Crew(Protocol):
    """Workers, of whatever launcher."""

    def __call__(
        self,
        shards: "Sequence[WorkShard]",
        watch: "CrewWatch",
        *,
        should_stop: Callable[[], bool],
    ) -> "tuple[ShardEnd, ...]":
        """Have shards done, and say how each ended, in their order."""


def carry_out(
    job: "JobFolder", shards: Sequence[int], *, by: Crew, at_once: int, as_json: bool
) -> int:
    """Have shards done, show how far they are, and put together what they made.

    Args:
        job: Where workers write.
        shards: Their numbers.
        by: Who does them.
        at_once: How many are done at the same time.
        as_json: Whether the last command is to print JSON.

    Returns:
        The exit code of the command: the gravest of all workers.

    Raises:
        Interrupted: A stop was asked for.
    """
    from mmfeat.launching.launcher_process import launcher_mark
    from mmfeat.work_shard import WorkShard

    from .workers_shown import WorkersShown

    record = job.record
    job.note_engine(**launcher_mark())
    _tell(
        f"job {record.job}: {counted(len(shards), 'shard')} by "
        f"{counted(min(at_once, len(shards)), 'worker')}; "
        f"what they write is in {job.path / 'logs'}"
    )
    with stop_requests() as should_stop:
        with WorkersShown(len(shards)) as shown:
            mine = [WorkShard(index, record.n_shards) for index in shards]
            ends = by(mine, shown, should_stop=should_stop)
        _tell_what_failed(ends)
        codes = [_own_code(end.exit_code) for end in ends]
        if exit_codes.STOPPED in codes:
            n_done = sum(end.is_done for end in ends)
            raise Interrupted(
                f"{n_done} of {len(ends)} shards are done, and what the others finished is kept; "
                "run the same command again to go on"
            )
        if not ends or any(end.is_done for end in ends):  # none: only this was left
            codes.append(_finish(job, should_stop, as_json=as_json))
    return max(codes, key=_GRAVEST_LAST.index)


def may_do_better(code: int) -> bool:
    """Say of the exit code of a worker whether the same command may end better."""
    return code not in _LAST_WORD


def without_options(call: "StageCall") -> "StageCall":
    """Return the call of the command after all shards, which has options of its own."""
    return replace(call, options=())


def _finish(job: "JobFolder", should_stop: Callable[[], bool], *, as_json: bool) -> int:
    """Run the command that comes after all shards; what it shows is what this command shows.

    Raises:
        Interrupted: A stop was asked for.
    """
    from mmfeat.launching.command_line import command_line
    from mmfeat.launching.job_folder import FINISH
    from mmfeat.launching.worker_process import WorkerProcess
    from mmfeat.launching.worker_state import state_at_end

    record, file = job.record, job.state_file(FINISH)
    more = [*(record.finish or ()), *(["--json"] if as_json else [])]
    process = WorkerProcess(
        command_line(without_options(record.call), state=file, more=more), log=None
    )
    code = process.wait(should_stop)
    state = state_at_end(file, FINISH, pid=process.pid, exit_code=code, stopped=should_stop())
    if _own_code(code) == exit_codes.STOPPED:
        raise Interrupted("all shards are done; run the same command again to put them together")
    if code < 0:
        _tell(f"the last command, `--finish`, was {state.message}; run the same command again")
    return _own_code(code)


def _own_code(code: int | None) -> int:
    """Return the exit code that a worker's gives this command: of one that was killed, 2."""
    if code is None:
        return exit_codes.STOPPED
    return exit_codes.USER_CAN_MEND if code not in _GRAVEST_LAST else code


def _tell_what_failed(ends: "Sequence[ShardEnd]") -> None:
    """Name the shards that failed, those of one reason together."""
    reasons: dict[str, list[ShardEnd]] = {}
    for end in ends:
        if end.state is not None and end.state.state == "failed":
            reasons.setdefault(end.state.message, []).append(end)
    for reason, group in reasons.items():
        names = first_and_more([str(end.shard) for end in group], _SHOWN)
        word = "shard" if len(group) == 1 else "shards"
        _tell(f"{word} {names} failed: {reason} (log: {group[0].log})")


def _tell(text: str) -> None:
    messages.print(text, soft_wrap=True)
