"""The blood counts of HANCOCK's patients before their first treatment."""

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.source_table import SourceTable

COUNTS = (
    "Leukocytes [#/volume] in Blood",
    "Hemoglobin [Mass/volume] in Blood",
    "Platelets [#/volume] in Blood",
    "Erythrocytes [#/volume] in Blood",
    "Hematocrit [Volume Fraction] of Blood",
    "Erythrocyte mean corpuscular hemoglobin [Entitic mass]",
    "Erythrocyte mean corpuscular volume [Entitic volume]",
    "Erythrocyte mean corpuscular hemoglobin concentration [Mass/volume]",
    "Erythrocyte distribution width [Ratio]",
    "Platelet mean volume [Entitic volume] in Blood",
    "Granulocytes [#/volume] in Blood",
    "Eosinophils [#/volume] in Blood",
    "Basophils [#/volume] in Blood",
    "Lymphocytes [#/volume] in Blood",
    "Monocytes [#/volume] in Blood",
    "Platelet distribution width [Entitic volume] in Blood by Automated count",
)
"""Those that the authors use, by their LOINC names."""
COLUMNS = ("patient_id", "value", "unit", "LOINC_name", "days_before_first_treatment")
"""Columns of blood_data.json that are read."""


def blood_counts(measured: SourceTable) -> pd.DataFrame:
    """Return the last value of each count before the treatment, by patient.

    Raises:
        CohortError: No count is there, or one is measured in several units.
    """
    used = measured.where(measured["LOINC_name"].isin(COUNTS))
    if not len(used):
        raise CohortError(
            f"{measured.file}: holds no blood count that is known, such as `{COUNTS[0]}` in "
            "`LOINC_name`; is this the right file and release?"
        )
    counts = pd.DataFrame(
        {
            "patient": used.known("patient_id")["patient_id"],
            "count": used["LOINC_name"],
            "unit": used["unit"],
            "days": used.number("days_before_first_treatment", minimum=0),
            "value": used.number("value"),
        }
    )
    units = counts.groupby("count")["unit"].nunique()
    if (units > 1).any():
        raise CohortError(
            f"{measured.file}: `{units.idxmax()}` is measured in several units; bring it to one"
        )
    nearest = counts.sort_values("days", kind="stable").drop_duplicates(["patient", "count"])
    table = nearest.pivot_table(index="patient", columns="count", values="value")
    return table.reindex(columns=list(COUNTS)).rename_axis(index=None, columns=None)
