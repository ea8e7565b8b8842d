"""Make the rows of a manifest from series: a case is a study or a series."""

import re
from typing import Any, Literal

import numpy as np
import pandas as pd

from mmfeat.public_cohorts.idc.selecting import THICKNESS

CaseIs = Literal["study", "series"]
SeriesOfStudy = Literal["all", "largest"]
_STUDY = ["study_uid", "patient_id"]
_AGE = re.compile(r"(\d{3})([YMWD])")
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_UNKNOWN_AGE = "000Y"
"""What de-identification leaves of an age."""


def folder_of(frame: pd.DataFrame) -> "pd.Series[str]":
    """Return where ``idc download`` puts each series, in the folder that it is told."""
    parts = frame["collection_id"] + "/" + frame["PatientID"] + "/" + frame["StudyInstanceUID"]
    return parts + "/" + frame["Modality"] + "_" + frame["SeriesInstanceUID"]


def one_series_a_study(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the series of each study that has the most images; of equals, the first by its UID."""
    ordered = frame.sort_values(
        ["instanceCount", "SeriesInstanceUID"], ascending=[False, True], kind="stable"
    )
    chosen = ordered.drop_duplicates(["PatientID", "StudyInstanceUID"])
    return chosen.sort_values("SeriesInstanceUID", ignore_index=True)


def case_table(frame: pd.DataFrame, case_is: CaseIs) -> pd.DataFrame:
    """Return one row a case, by patient and day; what differs in its series is joined by ``;``.

    Args:
        frame: The series that are selected.
        case_is: A study, or each series by itself.
    """
    rows = _series_rows(frame)
    if case_is == "series":
        rows.insert(0, "case_id", rows["series_uid"])
    else:
        rows = _studies(rows)
    ordered = rows.sort_values(["patient_id", "study_date", "case_id"], ignore_index=True)
    return ordered.dropna(axis=1, how="all")


def _series_rows(frame: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "patient_id": frame["PatientID"],
        "ct": folder_of(frame),
        "collection": frame["collection_id"],
        "study_uid": frame["StudyInstanceUID"],
        "series_uid": frame["SeriesInstanceUID"],
        "study_date": frame["StudyDate"],
        "age": frame["PatientAge"].map(_years, na_action="ignore"),
        "sex": frame["PatientSex"].where(frame["PatientSex"].isin(["F", "M", "O"])),
        "body_part": frame["BodyPartExamined"],
        "manufacturer": frame["Manufacturer"],
        "model": frame["ManufacturerModelName"],
        "description": frame["SeriesDescription"].str.replace(";", ",", regex=False),
        "n_images": frame["instanceCount"].astype(int),
        "size_mb": frame["series_size_MB"].astype(float).round(2),
        "licence": frame["license_short_name"],
        "source_doi": frame["source_DOI"],
    }
    if THICKNESS in frame.columns:
        columns["slice_thickness_mm"] = frame[THICKNESS]
    return pd.DataFrame(columns)


def _studies(rows: pd.DataFrame) -> pd.DataFrame:
    """Join the series of each study; some studies have pictures of two patients, and are two."""
    grouped = rows.groupby(_STUDY, sort=False)
    columns = {
        name: grouped[name].sum() if name in ("n_images", "size_mb") else _joined(rows, name)
        for name in rows.columns.drop(_STUDY)
    }
    studies = pd.DataFrame(columns, index=grouped.size().index).reset_index()
    of_two = studies["study_uid"].duplicated(keep=False)
    names = studies["study_uid"].where(~of_two, studies["study_uid"] + "-" + studies["patient_id"])
    studies.insert(0, "case_id", names)
    return studies[["case_id", *rows.columns]]


def _joined(rows: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """Return for each study the value of all its series, or the different ones with ``;``."""
    pairs = rows[[*_STUDY, name]].dropna().drop_duplicates()
    several = pairs.duplicated(_STUDY, keep=False)
    single: pd.Series[Any] = pairs[~several].set_index(_STUDY)[name].astype(object)
    if not several.any():
        return single
    texts = pairs[several].astype({name: str})
    joined: pd.Series[Any] = texts.groupby(_STUDY, sort=False)[name].agg(";".join)
    whole: pd.Series[Any] = pd.concat([single, joined])
    return whole


def _years(age: str) -> float:
    match = _AGE.fullmatch(age.strip())
    if match is None or age == _UNKNOWN_AGE:
        return np.nan
    return round(int(match[1]) * _YEARS[match[2]], 2)
