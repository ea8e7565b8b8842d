"""``mmfeat train`` and ``mmfeat methods``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import console, print_json, show_note
from .extraction_launch import check_combination
from .launch_options import Finish, LaunchedBy, Shard, StateFile, StopWithStdin, read_shard
from .launching import Launch, launch
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides
from .reported_work import reported_work
from .stopping import stop_requests
from .train_options import Folds, Grid, Methods, Seeds, overrides_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmfeat.work_shard import WorkShard


def train(
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
    methods: Methods = None,
    folds: Folds = None,
    seeds: Seeds = None,
    grid: Grid = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Train again the heads that were made with other settings, features or splits.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only say which heads there are to be; write nothing."),
    ] = False,
    shard: Shard = None,
    finish: Finish = False,
    launcher: LaunchedBy = None,
    as_json: AsJson = False,
    state: StateFile = None,
    stop_with_stdin: StopWithStdin = False,
) -> None:
    """Train a head for each target, method, fold and seed, on the extracted features.

    Finished heads are kept, however the command ends; the same command goes on from there. Heads
    that cannot be trained are listed, and the exit code is then 3.

    Examples: mmfeat train --methods mmfeat,paper --seeds 5 --grid 'learning_rate=1e-4,1e-3';
    mmfeat train --launcher local; mmfeat train --shard 0/4
    """
    given = [*(overrides or []), *overrides_of(methods, folds, seeds, grid)]
    check_combination(
        {"--overwrite": overwrite, "--dry-run": dry_run},
        shard=shard,
        finish=finish,
        launcher=launcher,
    )
    if launcher is not None:
        asked = Launch.of(
            "train",
            config,
            given,
            options=("--overwrite",) if overwrite else (),
            finish=("--finish",),
            dry_run=dry_run,
            as_json=as_json,
        )
        raise typer.Exit(launch(launcher, asked))
    share = read_shard(shard)
    if dry_run:
        _plan(config, given, share, as_json=as_json)
        return
    with stop_requests() as should_stop:
        # These take seconds, in which a signal may come, too.
        from mmfeat.config.loading import load_project
        from mmfeat.stages.training.finish import finish_training
        from mmfeat.stages.training.train import train as train_heads

        from .heads_table import HeadsShown

        with (
            HeadsShown() as shown,
            reported_work(state, share, progress=shown, stop_with_stdin=stop_with_stdin) as work,
        ):
            project = load_project(config, given)
            if finish:
                report = finish_training(
                    project, progress=work.progress, should_stop=should_stop, tell=show_note
                )
            else:
                report = train_heads(
                    project,
                    progress=work.progress,
                    watch=shown,
                    should_stop=should_stop,
                    overwrite=overwrite,
                    tell=show_note,
                    shard=share,
                )
            code = exit_codes.SOME_FAILED if report.failures else exit_codes.DONE
            work.done(code, n_failed=len(report.failures))
    if as_json:
        print_json(report.to_json())
    else:
        from .train_screen import show_training

        show_training(report)
    raise typer.Exit(code)


def _plan(
    config: Path, given: "Sequence[str]", share: "WorkShard | None", *, as_json: bool
) -> None:
    """Show which heads there are to be."""
    from mmfeat.config.loading import load_project
    from mmfeat.stages.training.dry_run import dry_run as plan_training

    from .train_screen import show_plan

    plan = plan_training(load_project(config, given), shard=share)
    print_json(plan.to_json()) if as_json else show_plan(plan)


def methods(as_json: AsJson = False) -> None:
    """List the fusion methods that `train.methods` can name.

    Example: mmfeat methods --json
    """
    from mmfeat.fusion import METHODS, get_method

    summaries = {name: get_method(name).summary for name in METHODS}
    if as_json:
        print_json(summaries)
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("method", "what it does", box=SIMPLE_HEAD)
    for name, summary in summaries.items():
        table.add_row(name, summary)
    table.add_row("<modality>-only", "network on one modality, by its name: `ct-only`")
    console.print(table)
