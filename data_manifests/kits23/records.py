"""What KiTS23's clinical file says of a patient: what was known before surgery, and outcomes."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mmfeat.public_cohorts.source_table import SourceTable

COMORBIDITIES = (
    "myocardial_infarction",
    "congestive_heart_failure",
    "peripheral_vascular_disease",
    "cerebrovascular_disease",
    "dementia",
    "copd",
    "connective_tissue_disease",
    "peptic_ulcer_disease",
    "uncomplicated_diabetes_mellitus",
    "diabetes_mellitus_with_end_organ_damage",
    "chronic_kidney_disease",
    "hemiplegia_from_stroke",
    "leukemia",
    "malignant_lymphoma",
    "localized_solid_tumor",
    "metastatic_solid_tumor",
    "mild_liver_disease",
    "moderate_to_severe_liver_disease",
    "aids",
)
_NOT_FOUND = "not_found_in_emr"
_HABITS = ("never_or_not_in_the_last_3_months", "quit_in_last_3_months")
_RISKS = ("benign", "low_risk", "intermediate_risk", "high_risk", "very_high_risk")
_CANDIDATES = ("high_risk", "very_high_risk")
_SUBTYPES = {
    "clear_cell_rcc": "clear_cell_rcc",
    "papillary_rcc": "papillary_rcc",
    "chromophobe_rcc": "chromophobe_rcc",
    "oncocytoma": "oncocytoma",
    **dict.fromkeys(
        (
            *("angiomyolipoma", "clear_cell_papillary", "cyst", "mest", "multilocular_cystic_rcc"),
            *("other", "rcc_unclassified", "spindle_cell_neoplasm", "transitional_cell_carcinoma"),
            *("wilms_tumor", "collecting_duct_undefined", "urothelial"),
        ),
        "other",
    ),
}
REQUIRED = (
    *("case_id", "gender", "age_at_nephrectomy", "bmi", "smoking_history", "radiographic_size"),
    *("chewing_tobacco_use", "alcohol_use", "age_when_quit_smoking", "pack_years"),
    *("last_preop_egfr.value", "vital_status", "vital_days_after_surgery", "malignant"),
    *("tumor_histologic_subtype", "tumor_isup_grade", "aua_risk_score"),
    *(f"comorbidities.{name}" for name in COMORBIDITIES),
)
"""Names of the clinical file that are read."""


def inputs(source: SourceTable) -> pd.DataFrame:
    """Return what was known before surgery, as the KNIGHT challenge lists it.

    Raises:
        CohortError: A value is none that is known.
    """
    smoking = ("never_smoked", "previous_smoker", "current_smoker")
    columns: dict[str, Any] = {
        "age": source.number("age_at_nephrectomy", minimum=0, maximum=120),
        "sex": source.coded(
            "gender",
            {"male": "male", "female": "female", "transgender_male_to_female": "other"},
        ),
        "bmi": source.number("bmi", minimum=5, maximum=120),
        "radiographic_size_cm": source.number("radiographic_size", minimum=0, maximum=50),
        "smoking": _named(source, "smoking_history", smoking),
        "age_when_quit_smoking": source.number("age_when_quit_smoking", minimum=0, maximum=120),
        "pack_years": source.number("pack_years", minimum=0, maximum=400),
        "chewing_tobacco": _named(
            source, "chewing_tobacco_use", (*_HABITS, "current_chewing_tobacco_user")
        ),
        "alcohol": _named(
            source, "alcohol_use", (*_HABITS, "two_or_less_daily", "more_than_two_daily")
        ),
        "preop_egfr": source.number("last_preop_egfr.value", minimum=0, maximum=300),
    }
    for name in COMORBIDITIES:
        columns[name] = _yes_or_no(source, f"comorbidities.{name}")
    return pd.DataFrame(columns)


def outcomes(source: SourceTable) -> pd.DataFrame:
    """Return what was known after surgery only: labels, and the time to death.

    Raises:
        CohortError: A value is none that is known.
    """
    risk = source.coded("aua_risk_score", {name: name for name in _RISKS})
    grade = {"1": "0", "2": "0", "3": "1", "4": "1", "na": None}
    return pd.DataFrame(
        {
            "malignant": _yes_or_no(source, "malignant"),
            "aua_risk": risk,
            "adjuvant_candidate": risk.map(
                lambda group: "1" if group in _CANDIDATES else "0", na_action="ignore"
            ),
            "high_grade": source.coded("tumor_isup_grade", grade),
            "subtype": source.coded("tumor_histologic_subtype", _SUBTYPES),
            "died": source.coded("vital_status", {"dead": "1", "censored": "0"}),
            "days_after_surgery": source.number("vital_days_after_surgery", minimum=0),
        }
    )


def _named(source: SourceTable, column: str, names: Sequence[str]) -> "pd.Series[Any]":
    codes: dict[str, str | None] = {name: name for name in names}
    return source.coded(column, codes | {_NOT_FOUND: None})


def _yes_or_no(source: SourceTable, column: str) -> "pd.Series[Any]":
    return source.coded(column, {"true": "1", "false": "0"})
