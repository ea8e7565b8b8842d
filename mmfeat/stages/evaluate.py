"""Evaluate a run: predictions of the test parts, metrics with intervals, figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.config.settings import Settings
from mmfeat.errors import EvalError
from mmfeat.progress import Progress
from mmfeat.provenance import fingerprint, library_versions, write_json, written_atomically
from mmfeat.report import ResultOptions, build_results, draw_figures, read_views
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.prediction import predict_run
from mmfeat.stages.seen_in_training import training_notes

SCHEMA = 1
"""Version of the layout of results.json; it grows when a reader would have to change."""


def evaluate(project: Project, *, progress: Progress) -> dict[str, Any]:
    """Predict every test part; write predictions.parquet, results.json and figures to the run.

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
    run = project.path(project.settings.train.run)
    true_risk = _read_true_risk(project)
    frame = predict_run(project, progress)
    with written_atomically(run / "predictions.parquet") as partial:
        frame.to_parquet(partial, index=False)
    results = results_from_predictions(
        frame, project.settings, true_risk=true_risk, progress=progress
    )
    results["warnings"] = list(training_notes(project, open_cohort(project)))
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
    evaluation = settings.eval
    return {
        "schema": SCHEMA,
        "settings_sha256": fingerprint(settings.model_dump(mode="json")),
        "versions": library_versions(),
        **build_results(
            frame,
            kinds=_kinds(settings),
            methods=settings.train.methods,
            modalities=list(settings.modalities),
            options=ResultOptions(
                n_resamples=evaluation.resamples,
                confidence=evaluation.confidence,
                bins=evaluation.calibration_bins,
                seed=evaluation.seed,
            ),
            true_risk=true_risk,
            progress=progress,
        ),
    }


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
