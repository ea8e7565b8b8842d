"""Rows of a predictions table: one for each case and output."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.training.outcomes import Outcome


def prediction_rows(
    cohort: Cohort,
    target: str,
    rows: NDArray[np.int64],
    answers: NDArray[np.float64],
    *,
    outcome: Outcome,
    of_all: dict[str, object],
    of_cases: dict[str, ArrayLike],
) -> pd.DataFrame:
    """Return the predictions of some cases for one target.

    Args:
        cohort: The cohort.
        target: Name of the target.
        rows: Row numbers of the cases.
        answers: Of each output: ``(cases, outputs)``.
        outcome: What the outputs are, and what they are compared with.
        of_all: Further columns with one value for all rows.
        of_cases: Further columns with a value for each case: ``(cases,)``.
    """
    n_outputs = len(outcome.names)
    truth = outcome.truth(cohort.targets[target].values)
    columns = {
        "case_id": np.repeat([cohort.case_ids[row] for row in rows], n_outputs),
        "patient_id": np.repeat([cohort.patient_ids[row] for row in rows], n_outputs),
        "target": target,
        **of_all,
        **{name: np.repeat(np.asarray(one), n_outputs) for name, one in of_cases.items()},
        "output": np.tile(outcome.names, len(rows)),
        "prediction": answers.ravel(),
        "label": truth[rows].ravel(),
    }
    return pd.DataFrame(columns)
