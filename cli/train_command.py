"""``mmfeat train`` and ``mmfeat methods``."""

from typing import TYPE_CHECKING, Annotated

import typer

from .console import ProgressBar, console, print_json, show_note
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.stages.training.session import TrainReport


def train(
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Train again the heads that were made with other settings, features or splits.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a head for each target, method, fold and seed, on the extracted features.

    Finished heads are kept, however the command ends; the same command goes on from there.

    Example: mmfeat train mmfeat.yaml --set train.seeds=[0]
    """
    from mmfeat.config.loading import load_project
    from mmfeat.stages.training.train import train as train_heads

    project = load_project(config, overrides or [])
    with stop_requests() as should_stop, ProgressBar() as progress:
        report = train_heads(
            project,
            progress=progress,
            should_stop=should_stop,
            overwrite=overwrite,
            tell=show_note,
        )
    if as_json:
        print_json(report.to_json())
    else:
        show_training(report)


def show_training(report: "TrainReport") -> None:
    """Print what was trained, and where it is."""
    before = f", {report.n_finished_before} were there already" if report.n_finished_before else ""
    console.print(
        f"{report.n_trained} heads trained in {report.elapsed_s:.1f} s{before} "
        f"({len(report.targets)} targets, {len(report.methods)} methods, {report.n_folds} folds)",
        soft_wrap=True,
    )
    if report.seconds_per_head:
        times = ", ".join(f"{name} {value:.2f}" for name, value in report.seconds_per_head.items())
        console.print(f"seconds for a head: {times}", markup=False, soft_wrap=True)
    if report.seconds_per_encoder:
        fits = ", ".join(f"{name} {took:.1f}" for name, took in report.seconds_per_encoder.items())
        console.print(f"seconds for a record encoder: {fits}", markup=False, soft_wrap=True)
    console.print(f"heads are in {report.run}", markup=False, soft_wrap=True)


def methods(as_json: AsJson = False) -> None:
    """List the fusion methods that `train.methods` can name.

    Example: mmfeat methods --json
    """
    from mmfeat.fusion import METHODS, get_method

    summaries = {name: get_method(name).summary for name in METHODS}
    if as_json:
        print_json(summaries)
        return
    from rich.table import Table

    table = Table("method", "what it does", title="Methods", title_justify="left")
    for name, summary in summaries.items():
        table.add_row(name, summary)
    console.print(table)
