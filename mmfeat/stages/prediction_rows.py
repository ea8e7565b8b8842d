"""Rows of a predictions table: one for each case and output."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmfeat.manifest.cohort import Cohort, TargetValues


def prediction_rows(
    cohort: Cohort,
    target: str,
    rows: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    *,
    of_all: dict[str, object],
    of_cases: dict[str, ArrayLike],
) -> pd.DataFrame:
    """Return the predictions of some cases for one target.

    Args:
        cohort: The cohort.
        target: Name of the target.
        rows: Row numbers of the cases.
        probabilities: Of each output: ``(cases, outputs)``.
        of_all: Further columns with one value for all rows.
        of_cases: Further columns with a value for each case: ``(cases,)``.
    """
    values = cohort.targets[target]
    n_outputs = len(values.names)
    columns = {
        "case_id": np.repeat([cohort.case_ids[row] for row in rows], n_outputs),
        "patient_id": np.repeat([cohort.patient_ids[row] for row in rows], n_outputs),
        "target": target,
        **of_all,
        **{name: np.repeat(np.asarray(one), n_outputs) for name, one in of_cases.items()},
        "output": np.tile(values.names, len(rows)),
        "probability": probabilities.ravel(),
        "label": _labels_of_outputs(values)[rows].ravel(),
    }
    return pd.DataFrame(columns)


def _labels_of_outputs(target: TargetValues) -> NDArray[np.float64]:
    """Return the labels ``(cases, outputs)``: for classes one 1 in each row, NaN where unknown."""
    if target.kind != "multiclass":
        return target.values
    classes = np.arange(len(target.names))
    return np.where(np.isnan(target.values), np.nan, target.values == classes)
