"""What the clinical file of NSCLC-Radiogenomics says of a patient."""

from typing import Any

import pandas as pd

from mmfeat.public_cohorts.source_table import SourceTable

MISSING = (
    *("Not Collected", "Not collected", "Not Recorded In Database", "Not Assessed", "N/A"),
    "Unknown",
)
"""Texts of the file that mean that nothing is known, or that there is nothing to know."""
_LOBES = {
    "Tumor Location (choice=RUL)": "in_right_upper_lobe",
    "Tumor Location (choice=RML)": "in_right_middle_lobe",
    "Tumor Location (choice=RLL)": "in_right_lower_lobe",
    "Tumor Location (choice=LUL)": "in_left_upper_lobe",
    "Tumor Location (choice=LLL)": "in_left_lower_lobe",
    "Tumor Location (choice=L Lingula)": "in_lingula",
}
REQUIRED = (
    *("Case ID", "Patient affiliation", "Age at Histological Diagnosis", "Weight (lbs)", "Gender"),
    *("Ethnicity", "Smoking status", "Pack Years", "%GG", *_LOBES),
    *("EGFR mutation status", "KRAS mutation status", "Recurrence", "Date of Recurrence"),
    *("Date of Last Known Alive", "Survival Status", "Date of Death", "CT Date"),
    "Days between CT and surgery",
)
"""Columns of the clinical file that are read."""
_DAY = "%m/%d/%Y"
_MUTATED = {"Wildtype": "0", "Mutant": "1"}
_GROUND_GLASS = ("0%", ">0 - 25%", "25 - 50%", "50 - 75%", "75 - < 100%", "100%")
DEATH_BEFORE_SURGERY = "outcome: follow-up ends before the day of surgery"
RECURRENCE_BEFORE_SURGERY = "recurrence: on a day before surgery"


def inputs(source: SourceTable) -> pd.DataFrame:
    """Return what was known before surgery.

    Raises:
        CohortError: A value is none that is known.
    """
    smoking = source.coded(
        "Smoking status", {"Nonsmoker": "never", "Former": "former", "Current": "current"}
    )
    pack_years = source.number("Pack Years", minimum=0, maximum=400)
    ethnicities = ("Caucasian", "Asian", "African-American", "Hispanic/Latino")
    columns: dict[str, Any] = {
        "site": source.coded("Patient affiliation", {"Stanford": "Stanford", "VA": "VA"}),
        "age": source.number("Age at Histological Diagnosis", minimum=0, maximum=120),
        "weight_lb": source.number("Weight (lbs)", minimum=0, maximum=1000),
        "sex": source.coded("Gender", {"Male": "male", "Female": "female"}),
        "ethnicity": source.coded(
            "Ethnicity",
            {name: name for name in (*ethnicities, "Native Hawaiian/Pacific Islander")},
        ),
        "smoking": smoking,
        "pack_years": pack_years.mask((smoking == "never") & pack_years.isna(), 0.0),
        "ground_glass": source.coded("%GG", {text: text for text in _GROUND_GLASS}),
    }
    for column, lobe in _LOBES.items():
        columns[lobe] = source.coded(column, {"Checked": "1", "Unchecked": "0"})
    return pd.DataFrame(columns)


def outcomes(source: SourceTable) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Return survival and recurrence since the CT, mutations, and labels that were taken out.

    Raises:
        CohortError: A value is none that is known, or a date that is needed is not there.
    """
    scanned = _days(source.known("CT Date"), "CT Date")
    surgery = source.number("Days between CT and surgery", minimum=0)
    died = source.known("Survival Status").coded("Survival Status", {"Dead": "1", "Alive": "0"})
    death = _days(source, "Date of Death") - scanned
    last = _days(source, "Date of Last Known Alive") - scanned
    end = death.where(died == "1", last)
    _need(source, "Date of Death", (died == "1") & death.isna())
    _need(source, "Date of Last Known Alive", (died == "0") & last.isna())
    impossible = (end < 0) | (end < surgery)
    recurred = source.coded("Recurrence", {"yes": "1", "no": "0"})
    recurrence = _days(source, "Date of Recurrence") - scanned
    _need(source, "Date of Recurrence", (recurred == "1") & recurrence.isna())
    early = (recurred == "1") & (recurrence < surgery)
    event = ((recurred == "1") | (died == "1")).map({True: "1", False: "0"}).astype(object)
    first = recurrence.where(recurred == "1", end)
    unknown = recurred.isna() | early | impossible
    frame = pd.DataFrame(
        {
            "died": died.mask(impossible),
            "survival_days": end.mask(impossible),
            "recurred_or_died": event.mask(unknown),
            "recurrence_free_days": first.mask(unknown),
            "egfr_mutant": source.coded("EGFR mutation status", _MUTATED),
            "kras_mutant": source.coded("KRAS mutation status", _MUTATED),
            "ct_date": source.date("CT Date", form=_DAY),
            "surgery_after_ct_days": surgery,
        }
    )
    taken_out = {
        why: tuple(source["Case ID"][rows])
        for why, rows in (
            (DEATH_BEFORE_SURGERY, impossible),
            (RECURRENCE_BEFORE_SURGERY, early & ~impossible),
        )
        if rows.any()
    }
    return frame, taken_out


def _days(source: SourceTable, column: str) -> "pd.Series[float]":
    """Return dates as days since a fixed day, NaN where a cell is empty."""
    dates = pd.to_datetime(source.date(column, form=_DAY), format="%Y-%m-%d")
    return (dates - pd.Timestamp(1970, 1, 1)).dt.days.astype(float)


def _need(source: SourceTable, column: str, lacking: "pd.Series[bool]") -> None:
    if lacking.any():
        source.refuse(column, lacking, "is empty, and the status of the patient needs it")
