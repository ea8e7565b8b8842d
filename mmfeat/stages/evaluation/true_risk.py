"""The true risk of a made-up cohort, against which no model can win."""

from pathlib import Path

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.errors import EvalError


def read_true_risk(project: Project) -> dict[str, dict[str, float]]:
    """Return the true probability of each case for each binary target; empty when none is set.

    Raises:
        EvalError: The file of ``eval.true_risk`` cannot be used.
    """
    if project.settings.eval.true_risk is None:
        return {}
    path = project.path(project.settings.eval.true_risk)
    frame = _read_risk_file(path)
    targets = project.settings.cohort.targets
    binary = [name for name, target in targets.items() if target.kind == "binary"]
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
