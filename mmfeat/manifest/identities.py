"""Check who is who: each case once, each with a patient."""

import re
from collections.abc import Sequence

import pandas as pd

from mmfeat.errors import Fault
from mmfeat.manifest.reading import FIRST_ROW

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Signs that no one can see, and that could make a terminal do something."""
_UNSEEN = "control characters, which no id has; take them out"


def texts(frame: pd.DataFrame, column: str) -> list[str | None]:
    """Return a column's cells, None where they are missing or where there is no such column."""
    if column not in frame.columns:
        return [None] * len(frame)
    return [cell if isinstance(cell, str) else None for cell in frame[column]]


def case_faults(frame: pd.DataFrame, column: str) -> list[Fault]:
    """Return a fault for every row without a case id, or with that of a row above."""
    faults = []
    first_rows: dict[str, int] = {}
    empty_rows = frame.isna().all(axis=1).to_numpy()
    for row, case_id in enumerate(texts(frame, column), start=FIRST_ROW):
        if empty_rows[row - FIRST_ROW]:
            faults.append(Fault("the whole row is empty; delete it", row=row))
        elif case_id is None:
            faults.append(Fault("no case id; give the case a name of its own", row, column))
        elif _CONTROL.search(case_id):
            faults.append(Fault(_UNSEEN, row, column, ascii(case_id)))
        elif case_id in first_rows:
            message = f"the same case id as in row {first_rows[case_id]}; each case is one row"
            faults.append(Fault(message, row, column, case_id))
        else:
            first_rows[case_id] = row
    return faults


def patient_faults(frame: pd.DataFrame, column: str) -> list[Fault]:
    """Return a fault for every row that names no patient; wholly empty rows have theirs already."""
    empty_rows = frame.isna().all(axis=1).to_numpy()
    faults = []
    for row, patient in enumerate(texts(frame, column), start=FIRST_ROW):
        if patient is None and not empty_rows[row - FIRST_ROW]:
            message = "no patient id; cases are divided by patients, so each needs one"
            faults.append(Fault(message, row, column))
        elif patient is not None and _CONTROL.search(patient):
            faults.append(Fault(_UNSEEN, row, column, ascii(patient)))
    return faults


def site_faults(frame: pd.DataFrame, column: str) -> list[Fault]:
    """Return a fault for every row without a site, needed where sites are kept whole."""
    return [
        Fault("no site; `cohort.split.by_site` needs one for every case", row, column)
        for row, site in enumerate(texts(frame, column), start=FIRST_ROW)
        if site is None
    ]


def split_faults(frame: pd.DataFrame, column: str, patients: Sequence[str | None]) -> list[Fault]:
    """Return the faults of a column that says `train`, `val` or `test` for each case."""
    faults = []
    parts = texts(frame, column)
    first_rows: dict[str, int] = {}
    for row, (part, patient) in enumerate(zip(parts, patients, strict=True), start=FIRST_ROW):
        if part not in ("train", "val", "test"):
            faults.append(Fault("must be train, val or test", row, column, part or ""))
        elif patient is not None:
            first = first_rows.setdefault(patient, row)
            before = parts[first - FIRST_ROW]
            if before != part:
                message = f"patient `{patient}` is in `{before}` in row {first}; one part for each"
                faults.append(Fault(message, row, column, part))
    lacking = [part for part in ("train", "val", "test") if part not in parts]
    if lacking:
        message = f"no case is in {' or '.join(lacking)}; all three parts are needed"
        faults.append(Fault(message, column=column))
    return faults
