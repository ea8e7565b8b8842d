"""Show jobs, and where each shard of one stands."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .console import console

if TYPE_CHECKING:
    from mmfeat.launching.job_view import JobView, ShardView

_SHOWN_SHARDS, _SHOWN_LOGS = 40, 3


def show_jobs(views: "Sequence[JobView]", folder: Path) -> None:
    """Print a line for each job, the newest last."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    if not views:
        _say(f"no jobs in {folder}; `mmfeat extract --launcher slurm` makes one")
        return
    table = Table("job", "launcher", "age", "shards", box=SIMPLE_HEAD, show_edge=False)
    for view in views:
        record = view.job.record
        table.add_row(record.job, record.launcher, _ago(record.created), counts_in_words(view))
    console.print(table)
    _show_notes(views)


def show_job(view: "JobView") -> None:
    """Print a line for each shard that is not done, and the ends of logs of some that failed."""
    from rich.table import Table

    record = view.job.record
    _say(f"{record.job}: {record.command} by {record.launcher}, {record.config}")
    _say(f"{len(view.shards)} shards: {counts_in_words(view)}")
    open_parts = [shard for shard in view.shards if shard.state != "done"]
    parts = [*open_parts[:_SHOWN_SHARDS], *([view.finish] if view.finish else [])]
    table = Table.grid(padding=(0, 2))
    for part in parts:
        table.add_row(f"  {part.name}", part.state, _steps(part), _where(part), part.reason)
    console.print(table)
    if (more := len(open_parts) - _SHOWN_SHARDS) > 0:
        _say(f"  and {more} more that are not done; `--json` has all")
    _show_logs(view)
    _show_notes([view])
    if view.is_to_be_done_again:
        _say(f"do again what is left: mmfeat jobs retry {record.job}")


def counts_in_words(view: "JobView") -> str:
    """Return how many shards are in each state, and what comes after them if it is not done."""
    words = [f"{count} {state}" for state, count in view.counts.items() if count]
    if view.finish is not None and view.finish.state != "done":
        words.append(f"finish {view.finish.state}")
    return ", ".join(words)


def _show_logs(view: "JobView") -> None:
    parts = [*view.shards, *([view.finish] if view.finish else [])]
    for part in [part for part in parts if part.log_tail][:_SHOWN_LOGS]:
        _say(f"the end of {part.log}:")
        for line in part.log_tail:
            _say(f"  | {line}")


def _show_notes(views: "Sequence[JobView]") -> None:
    for note in dict.fromkeys(view.note for view in views if view.note):
        _say(f"note: {note}")


def _steps(part: "ShardView") -> str:
    worker = part.worker
    if worker is None or not worker.n_total:
        return ""
    failed = f", {worker.n_failed} failed" if worker.n_failed else ""
    return f"{worker.n_done} of {worker.n_total}{failed}"


def _where(part: "ShardView") -> str:
    number = part.engine.number if part.engine is not None else ""
    host = part.worker.host if part.worker is not None else ""
    place = part.engine.place if part.engine is not None and not host else host
    return " on ".join(word for word in (number, place) if word)


def _ago(created: str) -> str:
    from .status_command import in_words

    age_s = (datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds()
    return in_words(max(0.0, age_s))


def _say(text: str) -> None:
    console.print(text, soft_wrap=True)
