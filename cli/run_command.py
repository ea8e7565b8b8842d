"""``mmfeat run``: extract, train and eval in a row."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import ProgressBar, console, messages, print_json, show_note
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides, TrustCode
from .stoppable_progress import StoppableProgress
from .stopping import stop_requests

if TYPE_CHECKING:
    from mmfeat.stages.extraction.report import ExtractReport

RetryFailed = Annotated[
    bool,
    typer.Option("--retry-failed", help="Try cases again that failed before, though unchanged."),
]


def run(
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
    retry_failed: RetryFailed = False,
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Extract, train and evaluate in a row, skipping what is done.

    A scan that cannot be read does not stop it: its case goes on without it and
    is listed, and the exit code is 3.

    Example: mmfeat run mmfeat.yaml
    """
    from mmfeat.config.loading import load_project
    from mmfeat.errors import Interrupted
    from mmfeat.stages.check import check_project
    from mmfeat.stages.evaluation.evaluate import evaluate
    from mmfeat.stages.extraction.extract import extract
    from mmfeat.stages.training.train import train

    from .heads_table import HeadsShown
    from .result_tables import show_results

    project = load_project(config, overrides or [])
    check_project(project)  # a misspelt method must not show only after days of extraction

    def go_on(should_stop: Callable[[], bool], stage: str) -> None:
        if should_stop():
            raise Interrupted(f"{stage} is not begun; run the same command to go on")
        messages.print(stage, style="bold")

    with stop_requests() as should_stop:
        go_on(should_stop, "1 of 3: extract")
        with ProgressBar() as bar:
            report = extract(
                project,
                progress=bar,
                should_stop=should_stop,
                retry_failed=retry_failed,
                trust_code=trust_code,
            )
        go_on(should_stop, "2 of 3: train")
        with HeadsShown() as shown:
            trained = train(
                project, progress=shown, watch=shown, should_stop=should_stop, tell=show_note
            )
        go_on(should_stop, "3 of 3: eval")
        with ProgressBar() as bar:
            results = evaluate(project, progress=StoppableProgress(bar, should_stop))
    if as_json:
        print_json({"extract": report.to_json(), "train": trained.to_json(), "eval": results})
    else:
        show_results(console, results, project.path(project.settings.train.run))
    _tell_failures(report)
    if trained.failures:
        messages.print(
            f"heads that failed in training and are left out: {len(trained.failures)}; reasons: "
            f"{trained.run / 'run.json'}",
            soft_wrap=True,
        )
    if report.n_failed or trained.failures:
        raise typer.Exit(exit_codes.SOME_FAILED)


def _tell_failures(report: "ExtractReport") -> None:
    for modality in report.modalities:
        if modality.failures:
            messages.print(
                f"scans that failed in {modality.modality} and are left out: "
                f"{len(modality.failures)}; "
                f"reasons: {modality.cache / 'failures.csv'}",
                soft_wrap=True,
            )
