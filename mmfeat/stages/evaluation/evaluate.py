"""Evaluate a run: predictions of the test parts, metrics with intervals, figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.config.record_variants import method_labels, record_variants
from mmfeat.config.settings import Settings
from mmfeat.errors import EvalError
from mmfeat.progress import Progress
from mmfeat.provenance import fingerprint, library_versions, write_json, written_atomically
from mmfeat.report import (
    MISSING_CELLS_NOTE,
    ResultOptions,
    build_results,
    draw_figures,
    missing_cells_results,
    read_views,
)
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.evaluation.prediction import Predictions, predict_run
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.training.trained_run import as_trained

PREDICTIONS_FILE = "predictions.parquet"
MISSING_CELLS_FILE = "missing_cells.parquet"
SCHEMA = 1
"""Version of the layout of results.json; it grows when a reader would have to change."""


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
    run = project.path(project.settings.train.run)
    true_risk = _read_true_risk(project)
    predictions = predict_run(project, progress)
    _write_predictions(run, predictions)
    frame = predictions.views
    results = results_from_predictions(
        frame, project.settings, true_risk=true_risk, progress=progress
    )
    _add_missing_cells(results, predictions.missing_cells, project.settings, progress)
    results["warnings"] = list(training_notes(project, open_cohort(project)))
    results["training"] = {"chosen": trained.chosen_settings(), "notes": list(predictions.notes)}
    views = read_views(frame, _kinds(project.settings))
    results["figures"] = draw_figures(run, results, views, true_risk=true_risk)
    write_json(run / "results.json", results)
    return results


def results_from_predictions(
    frame: pd.DataFrame,
    settings: Settings,
    *,
    true_risk: Mapping[str, Mapping[str, float]],
    progress: Progress,
) -> dict[str, Any]:
    """Return the results of a predictions table, with schema, settings digest and versions.

    Args:
        frame: Predictions, as described in docs/architecture.md.
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
            kinds=_kinds(settings),
            methods=method_labels(settings.train.methods, record_variants(settings.modalities)),
            modalities=list(settings.modalities),
            options=_options(settings),
            true_risk=true_risk,
            progress=progress,
        ),
    }


def _write_predictions(run: Path, predictions: Predictions) -> None:
    with written_atomically(run / PREDICTIONS_FILE) as partial:
        predictions.views.to_parquet(partial, index=False)
    (run / MISSING_CELLS_FILE).unlink(missing_ok=True)  # of an evaluation with other settings
    if not predictions.missing_cells.empty:
        with written_atomically(run / MISSING_CELLS_FILE) as partial:
            predictions.missing_cells.to_parquet(partial, index=False)


def _add_missing_cells(
    results: dict[str, Any], frame: pd.DataFrame, settings: Settings, progress: Progress
) -> None:
    """Put the curves against the share of missing cells beside the other results of each target."""
    curves = missing_cells_results(
        frame, kinds=_kinds(settings), options=_options(settings), progress=progress
    )
    for target, of_target in results["targets"].items():
        of_target["missing_cells"] = curves.get(target, {})
    if curves:
        results["notes"].append(MISSING_CELLS_NOTE)


def _options(settings: Settings) -> ResultOptions:
    evaluation = settings.eval
    return ResultOptions(
        n_resamples=evaluation.resamples,
        confidence=evaluation.confidence,
        bins=evaluation.calibration_bins,
        seed=evaluation.seed,
    )


def _kinds(settings: Settings) -> dict[str, str]:
    return {name: target.kind for name, target in settings.cohort.targets.items()}


def _read_true_risk(project: Project) -> dict[str, dict[str, float]]:
    """Return the true probability of each case for each binary target; empty when none is set."""
    if project.settings.eval.true_risk is None:
        return {}
    path = project.path(project.settings.eval.true_risk)
    frame = _read_risk_file(path)
    binary = [name for name, kind in _kinds(project.settings).items() if kind == "binary"]
    columns = [name for name in binary if name in frame]
    if not columns:
        raise EvalError(f"{path}: no column is named after a binary target ({', '.join(binary)})")
    repeated = frame["case_id"][frame["case_id"].duplicated()]
    if len(repeated):
        raise EvalError(
            f"{path}: case `{repeated.iloc[0]}` is there twice; keep one row for each case"
        )
    return {
        name: dict(zip(frame["case_id"], _probabilities(path, frame[name]), strict=True))
        for name in columns
    }


def _read_risk_file(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str)
    except FileNotFoundError:
        raise EvalError(
            f"eval.true_risk: {path} is not there; correct the path or remove the setting"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise EvalError(f"{path}: not a CSV file ({str(error).strip()})") from error
    if "case_id" not in frame:
        raise EvalError(f"{path}: no column `case_id`; found {list(frame)}")
    return frame


def _probabilities(path: Path, column: "pd.Series[str]") -> list[float]:
    values = pd.to_numeric(column, errors="coerce")
    wrong = ~values.between(0, 1)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise EvalError(
            f"{path}: row {row + 2}, column `{column.name}`: expected a probability from 0 to 1 "
            f"(found `{column.iloc[row]}`)"
        )
    return [float(value) for value in values]
