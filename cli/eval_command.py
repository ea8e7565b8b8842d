"""``mmfeat eval``: predictions, metrics with intervals, figures; finished runs side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from . import exit_codes
from .console import ProgressBar, console, print_json
from .eval_launch import launch_evaluation
from .launch_options import LaunchedBy, StateFile
from .options import DEFAULT_CONFIG, AsJson, Overrides
from .reported_work import reported_work
from .result_output import TableFormat, check_output, write_table
from .stoppable_progress import StoppableProgress
from .stopping import stop_requests, stops_at_once

Places = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONFIG | RUN...",
        help="Settings file, to evaluate its run (mmfeat.yaml if not given); or folders of runs "
        "that are evaluated, to compare them.",
        show_default=False,
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        metavar="RUN", help="The run that the others are compared with; the first if not given."
    ),
]
Table = Annotated[
    TableFormat | None,
    typer.Option(
        "--table", help="Print methods by availabilities as a table for a paper, and nothing else."
    ),
]
Output = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write what --table makes to a file.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output.")]
RequireGain = Annotated[
    bool,
    typer.Option(
        "--require-gain",
        help="End with exit code 4 unless fusion beats the best single modality and the average of "
        "single models, for every target.",
    ),
]

DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="With --launcher: only show what would be run; do nothing."),
]


def evaluate(
    places: Places = None,
    overrides: Overrides = None,
    baseline: Baseline = None,
    table: Table = None,
    output: Output = None,
    overwrite: Overwrite = False,
    require_gain: RequireGain = False,
    launcher: LaunchedBy = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    state: StateFile = None,
) -> None:
    """Evaluate the trained heads on the test parts, for every set of modalities.

    Shows AUROC, AUPRC, Brier score and calibration error with intervals, and
    comparisons on the same cases; the last line says whether fusion beats the
    best single modality. Writes predictions.parquet, results.json and figures to
    the run folder.

    Given folders of runs, it compares these on the same cases instead.

    Examples: mmfeat eval mmfeat.yaml --set eval.resamples=5000;
    mmfeat eval first/run second/run --baseline first/run
    """
    check_output(table, output, as_json=as_json, overwrite=overwrite)
    found = places or [DEFAULT_CONFIG]
    if launcher is not None or dry_run:
        raise typer.Exit(
            launch_evaluation(
                launcher,
                found,
                overrides or [],
                asked={"--baseline": baseline, "--table": table, "--output": output},
                options=["--require-gain"] if require_gain else [],
                dry_run=dry_run,
                as_json=as_json,
            )
        )
    if baseline is not None or len(found) > 1 or found[0].is_dir():
        results = _compare(found, baseline, overrides, table=table, as_json=as_json, output=output)
    else:
        results = [
            _evaluate(found[0], overrides, table=table, as_json=as_json, output=output, state=state)
        ]
    if require_gain and any(_answer(one) != "yes" for one in results):
        raise typer.Exit(exit_codes.NO_GAIN)


def _evaluate(
    config: Path,
    overrides: list[str] | None,
    *,
    table: TableFormat | None,
    output: Path | None,
    as_json: bool,
    state: Path | None,
) -> dict[str, Any]:
    """Evaluate the run of a settings file, show it, and return its results."""
    from mmfeat.work_shard import WorkShard

    with (
        stop_requests() as should_stop,
        ProgressBar() as bar,
        reported_work(state, WorkShard(0, 1), progress=bar) as work,
    ):
        from mmfeat.config.loading import load_project
        from mmfeat.report.method_table import with_rows
        from mmfeat.stages.evaluation.evaluate import evaluate as evaluate_project
        from mmfeat.stages.evaluation.evaluated_runs import compare_folders

        from .result_tables import show_results

        project = load_project(config, overrides or [])
        run = project.path(project.settings.train.run)
        results = evaluate_project(project, progress=StoppableProgress(work.progress, should_stop))
        work.done(exit_codes.DONE)
    if table is not None:
        comparison, rows = compare_folders([run]), project.settings.eval.table_rows
        write_table(comparison if rows is None else with_rows(comparison, rows), table, output)
    elif as_json:
        print_json(results)
    else:
        show_results(console, results, run)
    return results


def _compare(
    runs: Sequence[Path],
    baseline: Path | None,
    overrides: list[str] | None,
    *,
    table: TableFormat | None,
    output: Path | None,
    as_json: bool,
) -> list[dict[str, Any]]:
    """Compare evaluated runs, show the comparison, and return the results of each."""
    from mmfeat.errors import ConfigError
    from mmfeat.stages.evaluation.evaluated_runs import compare_folders, read_results

    from .comparison_screen import show_comparison

    if overrides:
        raise ConfigError(
            f"--set {overrides[0]}: runs that are evaluated are compared as they are; give a "
            "settings file to evaluate with other settings"
        )
    with stops_at_once():
        results = [read_results(run) for run in runs]
        comparison = compare_folders(runs, baseline)
    if table is not None:
        write_table(comparison, table, output)
    elif as_json:
        print_json(comparison)
    else:
        show_comparison(console, comparison)
    return results


def _answer(results: Mapping[str, Any]) -> str:
    """Return whether fusion helps; results of an earlier version do not say."""
    from mmfeat.errors import EvalError

    if "verdict" not in results:
        raise EvalError(
            "--require-gain: the results are of an earlier version and have no verdict; run "
            "`mmfeat eval` with the settings file again"
        )
    return str(results["verdict"]["answer"])
