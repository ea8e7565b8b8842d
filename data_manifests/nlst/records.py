"""What is known of a participant on the day of a screen, and nothing that came later."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.public_cohorts.source_table import SourceTable

from .participants import EARLIER_CANCER, FAMILY, SCREENS, Participants

_SEX = {"1": "male", "2": "female"}
_RACE = {
    **{"1": "white", "2": "black", "3": "asian", "4": "american-indian-alaskan"},
    **{"5": "hawaiian-pacific", "6": "more-than-one"},
    **dict.fromkeys(("7", "95", "96", "98", "99")),
}
_SMOKING = {"0": "former", "1": "current"}
_ETHNICITY = {"1": "hispanic", "2": "not-hispanic", **dict.fromkeys(("7", "95", "98", "99"))}
_EDUCATION = {
    **{"1": "grade-8", "2": "grade-11", "3": "high-school", "4": "post-high-school"},
    **{"5": "some-college", "6": "bachelor", "7": "graduate"},
    **dict.fromkeys(("8", "95", "98", "99")),
}
_YES_NO = {"0": "0", "1": "1"}
_RESULTS = {
    **dict.fromkeys(("1", "2", "3"), "negative"),
    **dict.fromkeys(("4", "5", "6"), "positive"),
    "10": "inadequate",
    **dict.fromkeys(("11", "13", "14", "15", "17", "23", "24", "95", "97"), "not-screened"),
}
"""`scr_res0` to `scr_res2`: results after comparison with earlier scans."""
_KG_M2 = 703.07
"""Makes a body mass index of pounds and inches."""
_DAYS_A_YEAR = 365.25


def records(people: Participants, cases: pd.DataFrame) -> pd.DataFrame:
    """Return the record of each case.

    Args:
        people: All participants.
        cases: By case: ``pid``; and, where the screen is known, ``study_yr`` and ``screened``, the
            day of the screen. Where it is not, age is that at randomisation.
    """
    table = people.table
    columns = {
        "age_at_randomisation": table.number("age", minimum=0, maximum=120),
        "sex": table.coded("gender", _SEX),
        "race": table.coded("race", _RACE),
        "smoking": table.coded("cigsmok", _SMOKING),
        **_on_request(table),
    }
    found = pd.DataFrame(columns).set_axis(table["pid"], axis=0).loc[cases["pid"]]
    found = found.set_axis(cases.index, axis=0)
    age_quit = found.pop("age_quit")
    if "screened" not in cases:
        return found
    age = found.pop("age_at_randomisation") + cases["screened"] / _DAYS_A_YEAR
    found.insert(0, "age_at_screen", age.round(1))
    found.insert(1, "screen", "T" + cases["study_yr"].astype(str))
    found.insert(2, "previous_result", _previous(table, cases))
    if age_quit.notna().any():
        since = (age - age_quit).clip(lower=0).round(1)
        found["years_since_quitting"] = since.mask(found["smoking"] == "current", 0.0)
    return found


def _on_request(table: SourceTable) -> dict[str, "pd.Series[Any]"]:
    """Return what only the release on request knows; columns of which nothing is known stay out."""
    weight, height = table.number("weight", minimum=0), table.number("height", minimum=0)
    columns = {
        "age_quit": table.number("age_quit"),
        "ethnicity": table.coded("ethnic", _ETHNICITY),
        "education": table.coded("educat", _EDUCATION),
        "bmi": (_KG_M2 * weight / height.where(height > 0) ** 2).round(1),
        "pack_years": table.number("pkyr"),
        "cigarettes_per_day": table.number("smokeday"),
        "years_smoked": table.number("smokeyr"),
        "age_started": table.number("smokeage"),
        "copd": table.coded("diagcopd", _YES_NO),
        "emphysema": table.coded("diagemph", _YES_NO),
        "chronic_bronchitis": table.coded("diagchro", _YES_NO),
        "family_lung_cancer": _any(table, FAMILY),
        "earlier_cancer": _any(table, EARLIER_CANCER),
    }
    return {name: one for name, one in columns.items() if name == "age_quit" or one.notna().any()}


def _any(table: SourceTable, names: Sequence[str]) -> "pd.Series[Any]":
    """Return 1 where one of several answers is yes, 0 where all are no, else nothing."""
    answers = pd.DataFrame({name: table.coded(name, _YES_NO) for name in names})
    yes, no = (answers == "1").any(axis=1), (answers == "0").all(axis=1)
    found = pd.Series(np.nan, index=answers.index, dtype=object)
    return found.mask(no, "0").mask(yes, "1")


def _previous(table: SourceTable, cases: pd.DataFrame) -> "pd.Series[Any]":
    """Return the result of the screen a year before; of T0 there is none."""
    results = pd.DataFrame({year: table.coded(f"scr_res{year}", _RESULTS) for year in SCREENS})
    results = results.set_axis(table["pid"], axis=0)
    before: pd.Series[Any] = pd.Series("first-screen", index=cases.index, dtype=object)
    for year in SCREENS[1:]:
        of_year = cases["study_yr"] == year
        before[of_year] = results.loc[cases.loc[of_year, "pid"], year - 1].to_numpy()
    return before
