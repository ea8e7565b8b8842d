"""``mmfeat train`` and ``mmfeat methods``."""

from typing import Annotated

import typer

from . import exit_codes
from .console import console, print_json, show_note
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides
from .stopping import stop_requests
from .train_options import Folds, Grid, Methods, Seeds, overrides_of
from .train_screen import show_plan, show_training


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
    as_json: AsJson = False,
) -> None:
    """Train a head for each target, method, fold and seed, on the extracted features.

    Finished heads are kept, however the command ends; the same command goes on from there. Heads
    that cannot be trained are listed, and the exit code is then 3.

    Example: mmfeat train --methods mmfeat,paper --seeds 5 --grid 'learning_rate=1e-4,1e-3'
    """
    with stop_requests() as should_stop:
        # These take seconds, in which a signal may come, too.
        from mmfeat.config.loading import load_project
        from mmfeat.stages.training.dry_run import dry_run as plan_training
        from mmfeat.stages.training.train import train as train_heads

        from .heads_table import HeadsShown

        given = [*(overrides or []), *overrides_of(methods, folds, seeds, grid)]
        project = load_project(config, given)
        if dry_run:
            plan = plan_training(project)
            print_json(plan.to_json()) if as_json else show_plan(plan)
            return
        with HeadsShown() as shown:
            report = train_heads(
                project,
                progress=shown,
                watch=shown,
                should_stop=should_stop,
                overwrite=overwrite,
                tell=show_note,
            )
    if as_json:
        print_json(report.to_json())
    else:
        show_training(report)
    raise typer.Exit(exit_codes.SOME_FAILED if report.failures else exit_codes.DONE)


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
