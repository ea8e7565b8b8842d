"""Evaluate a run: predictions of the test parts, metrics with intervals, figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.config.record_variants import method_labels, record_variants
from mmfeat.config.settings import Settings
from mmfeat.core_budget import allotted_cores
from mmfeat.metrics.resampled_values import bootstrap_processes
from mmfeat.progress import Progress
from mmfeat.provenance import fingerprint, library_versions, write_json, written_atomically
from mmfeat.report import (
    MISSING_CELLS_NOTE,
    build_results,
    draw_figures,
    missing_cells_results,
)
from mmfeat.report.groupings import Grouping
from mmfeat.report.html import write_report
from mmfeat.report.run_results import SCHEMA
from mmfeat.stages.evaluation.cautions import add_cautions
from mmfeat.stages.evaluation.cohort_flow import cohort_flow
from mmfeat.stages.evaluation.decisions import add_decisions
from mmfeat.stages.evaluation.evaluation import Evaluation, kinds_of, result_options
from mmfeat.stages.evaluation.prediction import Predictions, predict_opened
from mmfeat.stages.evaluation.run_provenance import run_provenance
from mmfeat.stages.evaluation.run_references import write_references
from mmfeat.stages.evaluation.scan_pictures import write_scan_pictures
from mmfeat.stages.evaluation.subgroups import groupings_of
from mmfeat.stages.evaluation.true_risk import read_true_risk
from mmfeat.stages.evaluation_files import forget_evaluation
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.training.open_run import open_run
from mmfeat.stages.training.trained_run import as_trained

PREDICTIONS_FILE = "predictions.parquet"
VALIDATION_FILE = "validation.parquet"
MISSING_CELLS_FILE = "missing_cells.parquet"


def evaluate(project: Project, *, progress: Progress) -> dict[str, Any]:
    """Predict every test part; write the predictions, results.json and figures to the run.

    Nothing here depends on what an earlier evaluation left, so it may be run at any time.

    Args:
        project: The project, trained.
        progress: Told about predictions and intervals.

    Returns:
        The results, as in results.json.

    Raises:
        EvalError: Predictions or the true risk cannot be used.
        TrainError: There is no finished run.
    """
    project, trained = as_trained(project)
    true_risk = read_true_risk(project)
    opened = open_run(project)
    groupings = groupings_of(opened)  # refuses what it cannot use before the long work
    predictions = predict_opened(opened, trained, progress)
    _write_predictions(opened.run, predictions)
    evaluation = Evaluation.of(opened, trained, predictions, progress)
    write_references(evaluation)
    with bootstrap_processes(allotted_cores()):
        results = results_from_predictions(
            predictions.views, project.settings, true_risk=true_risk, progress=progress
        )
        results["warnings"] = list(training_notes(project, opened.cohort))
        training = {"chosen": trained.chosen_settings(), "notes": list(predictions.notes)}
        results["training"] = training
        _add_missing_cells(results, evaluation)
        _add_blocks(results, evaluation, groupings)
    results["figures"] = {}
    if project.settings.eval.figures:
        results["figures"] = draw_figures(
            opened.run, results, evaluation.views, true_risk=true_risk
        )
    write_json(opened.run / "results.json", results)
    write_scan_pictures(evaluation)
    write_report(opened.run)
    return results


def _add_blocks(
    results: dict[str, Any], evaluation: Evaluation, groupings: tuple[Grouping, ...]
) -> None:
    """Put every further block in its place; each is made by a module of its own."""
    add_decisions(results, evaluation)
    add_cautions(results, evaluation, groupings)
    results["cohort_flow"] = cohort_flow(evaluation)
    results["provenance"] = run_provenance(evaluation)


def results_from_predictions(
    frame: pd.DataFrame,
    settings: Settings,
    *,
    true_risk: Mapping[str, Mapping[str, float]],
    progress: Progress,
) -> dict[str, Any]:
    """Return the results of a predictions table, with schema, settings digest and versions.

    Args:
        frame: Predictions, as described in docs/file-formats.md.
        settings: The project's settings.
        true_risk: For some binary targets, each case's true probability; empty for real cohorts.
        progress: Told about intervals.
    """
    return {
        "schema": SCHEMA,
        "settings_sha256": fingerprint(settings.model_dump(mode="json")),
        "versions": library_versions(),
        **build_results(
            frame,
            kinds=kinds_of(settings),
            methods=method_labels(settings.train.methods, record_variants(settings.modalities)),
            modalities=list(settings.modalities),
            options=result_options(settings),
            true_risk=true_risk,
            progress=progress,
        ),
    }


def _write_predictions(run: Path, predictions: Predictions) -> None:
    forget_evaluation(run)
    tables = {
        PREDICTIONS_FILE: predictions.views,
        VALIDATION_FILE: predictions.validation,
        MISSING_CELLS_FILE: predictions.missing_cells,
    }
    for name, frame in tables.items():
        (run / name).unlink(missing_ok=True)  # of an evaluation with other settings
        if not frame.empty:
            with written_atomically(run / name) as partial:
                frame.to_parquet(partial, index=False)


def _add_missing_cells(results: dict[str, Any], evaluation: Evaluation) -> None:
    """Put the curves against the share of missing cells beside the other results of each target."""
    curves = missing_cells_results(
        evaluation.predictions.missing_cells,
        evaluation.predictions.importance,
        kinds=kinds_of(evaluation.settings),
        options=evaluation.options,
        progress=evaluation.progress,
    )
    for target, of_target in results["targets"].items():
        of_target["missing_cells"] = curves.get(target, {})
    if curves:
        results["notes"].append(MISSING_CELLS_NOTE)
