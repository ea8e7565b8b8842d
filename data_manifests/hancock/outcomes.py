"""The outcomes of HANCOCK's patients, as its authors define them, and overall survival."""

import numpy as np
import pandas as pd

from mmfeat.public_cohorts.source_table import SourceTable

_THREE_YEARS = 3 * 365
_EVENTS = ("days_to_recurrence", "days_to_metastasis_1", "days_to_progress_1")
_DECEASED = {"living": "0", "deceased": "1"}
_CAUSES = {
    "living": "",
    "deceased": "",
    "deceased tumor specific": "",
    "deceased not tumor specific": "other cause",
}
COLUMNS = (
    *("recurrence", "survival_status", "survival_status_with_cause"),
    *("days_to_last_information", "days_to_first_treatment", *_EVENTS),
)
"""Columns of clinical_data.json that outcomes are made of."""


def outcomes(clinical: SourceTable) -> pd.DataFrame:
    """Return the labels of each patient, empty where the authors leave the patient out.

    They are empty, too, where a time would be negative: the table of 763 patients has such days.

    Raises:
        CohortError: A cell holds what is not known.
    """
    clinical.known("recurrence", "survival_status", "days_to_last_information")
    deceased = clinical.coded("survival_status", _DECEASED)
    other_cause = clinical.coded("survival_status_with_cause", _CAUSES) == "other cause"
    rfs_days, rfs_event = _recurrence_free(clinical, deceased)
    os_days, os_event = _overall(clinical, deceased)
    return pd.DataFrame(
        {
            "recurrence_3y": _recurrence(clinical, living=deceased == "0"),
            "deceased": deceased.mask(other_cause),
            "rfs_days": rfs_days,
            "rfs_event": rfs_event,
            "os_days": os_days,
            "os_event": os_event,
        }
    )


def _recurrence(clinical: SourceTable, *, living: "pd.Series[bool]") -> "pd.Series[float]":
    """Return 1 for a recurrence within three years and 0 for none, as the authors count.

    None is: no recurrence, and followed for three years, or living whenever last seen. A recurrence
    before the first treatment is neither: it cannot be predicted from what the treatment showed.
    """
    recurred = clinical.coded("recurrence", {"yes": "1", "no": "0"}) == "1"
    day = clinical.number("days_to_recurrence", minimum=0)
    soon = (day <= _THREE_YEARS) & ~(day < clinical.number("days_to_first_treatment"))
    followed = clinical.number("days_to_last_information", minimum=0) > _THREE_YEARS
    label = pd.Series(np.nan, index=recurred.index)
    return label.mask(recurred & soon, 1).mask(~recurred & (followed | living), 0)


def _recurrence_free(
    clinical: SourceTable, deceased: "pd.Series[str]"
) -> "tuple[pd.Series[float], pd.Series[float]]":
    """Return days from the first treatment to recurrence, metastasis, progress or death.

    Both are empty where the event came before the treatment, or a recurrence has no day.
    """
    last = clinical.number("days_to_last_information", minimum=0)
    start = clinical.number("days_to_first_treatment")
    days = [clinical.number(column) for column in _EVENTS]
    days.append(last.where(deceased == "1"))
    first = pd.concat(days, axis=1).min(axis=1)
    event = first.notna().astype(float)
    time = first.fillna(last) - start
    dayless = (clinical["recurrence"] == "yes") & clinical["days_to_recurrence"].isna()
    return _possible(time.mask(dayless), event)


def _overall(
    clinical: SourceTable, deceased: "pd.Series[str]"
) -> "tuple[pd.Series[float], pd.Series[float]]":
    """Return days from the first treatment to death, of whatever cause, or the last information.

    Both are empty where the last information came before the treatment.
    """
    last = clinical.number("days_to_last_information", minimum=0)
    start = clinical.number("days_to_first_treatment")
    return _possible(last - start, deceased.astype(float))


def _possible(
    time: "pd.Series[float]", event: "pd.Series[float]"
) -> "tuple[pd.Series[float], pd.Series[float]]":
    unknown = time.isna() | (time < 0)
    return time.mask(unknown), event.mask(unknown)
