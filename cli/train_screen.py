"""What `mmfeat train` prints when it has ended, or would do."""

from typing import TYPE_CHECKING

from .console import console

if TYPE_CHECKING:
    from mmfeat.stages.training.dry_run import DryRun
    from mmfeat.stages.training.session import TrainReport

_SHOWN_FAILURES = 10


def show_training(report: "TrainReport") -> None:
    """Print what was trained, which settings were chosen, what failed, and where the heads are."""
    _say(_sentence(report))
    if report.seconds_per_head:
        times = ", ".join(f"{name} {value:.2f}" for name, value in report.seconds_per_head.items())
        _say(f"seconds for a head: {times}")
    if report.seconds_per_encoder:
        fits = ", ".join(f"{name} {took:.1f}" for name, took in report.seconds_per_encoder.items())
        _say(f"seconds for a record encoder: {fits}")
    _show_choices(report)
    for note in report.found:
        _say(f"note: {note}")
    _say(f"heads are in {report.run}")
    _show_failures(report)
    if report.shard not in ("", "finish"):
        _say("when all shards are trained: `mmfeat train --finish` with the same settings")


def _sentence(report: "TrainReport") -> str:
    of_all = f"{len(report.targets)} targets, {len(report.methods)} methods, {report.n_folds} folds"
    if report.shard == "finish":
        return (
            f"{report.n_finished_before} heads, trained in shards, are there ({of_all}); they took "
            f"{report.elapsed_s:.1f} s together"
        )
    before = f", {report.n_finished_before} were there already" if report.n_finished_before else ""
    at_once = f" by {report.n_processes} processes" if report.n_processes > 1 else ""
    share = f"; shard {report.shard} of them" if report.shard else ""
    return (
        f"{report.n_trained} heads trained in {report.elapsed_s:.1f} s{at_once}{before} "
        f"({of_all}{share})"
    )


def show_plan(plan: "DryRun") -> None:
    """Print which heads there are to be, and where and how they would be trained."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    with_settings = any(row.setting for row in plan.rows)
    for name in ("target", "method", *(["setting"] if with_settings else [])):
        table.add_column(name, overflow="fold")
    for name in ("heads", "there"):
        table.add_column(name, justify="right")
    for row in plan.rows:
        setting = [row.setting] if with_settings else []
        table.add_row(row.target, row.method, *setting, str(row.n_heads), str(row.n_there))
    console.print(table)
    left = plan.n_heads - plan.n_there
    share = f" of shard {plan.shard}" if plan.shard else ""
    unfinished = f", {plan.n_unfinished} networks go on from where they were"
    _say(
        f"{left} of {plan.n_heads} heads{share} to train in {plan.n_folds} folds"
        f"{unfinished if plan.n_unfinished else ''}; on {plan.device}, "
        + (
            f"in up to {plan.most_processes} processes, as many as pay"
            if plan.most_processes > 1
            else "in one process"
        )
    )
    if plan.n_encoders:
        _say(f"{plan.n_encoders} record encoders to fit or read before")
    _say(f"heads would be in {plan.run}; nothing was written")
    for note in plan.notes:
        _say(f"note: {note}")


def _show_choices(report: "TrainReport") -> None:
    """Say for each target and method in how many folds each setting was chosen."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for one in report.choices:
        of_method = counts.setdefault((one.target, one.label), {})
        of_method[one.setting.label] = of_method.get(one.setting.label, 0) + 1
    for (target, label), of_method in counts.items():
        ranked = sorted(of_method.items(), key=lambda item: -item[1])
        folds = "; ".join(f"{setting} in {n} folds" for setting, n in ranked)
        _say(f"chosen for {target}, {label}, on validation parts: {folds}")


def _show_failures(report: "TrainReport") -> None:
    for one in report.failures[:_SHOWN_FAILURES]:
        _say(f"  failed: {one.key.name}: {one.failure}")
    if report.failures:
        more = len(report.failures) - _SHOWN_FAILURES
        others = f"{more} more failed; " if more > 0 else ""
        listed = "failed" if report.shard not in ("", "finish") else "run.json"
        _say(f"  {others}all heads that failed are listed in {report.run / listed}")


def _say(text: str) -> None:
    console.print(text, soft_wrap=True)
