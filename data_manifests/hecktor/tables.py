"""Read the clinical tables of a release of HECKTOR into one, a row for each patient."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.public_cohorts.downloads import find_one, find_optional
from mmfeat.public_cohorts.reading import read_source

from .releases import Release

_SHEET = "Data"
"""Of the Excel file, which has a data dictionary in another."""
_PATIENT = re.compile(r"[A-Za-z]+-\d+", re.ASCII)


def find_tables(download: Path, release: Release) -> tuple[Path, ...]:
    """Return the tables of a release that are there, wherever its archives were unpacked.

    Raises:
        CohortError: One that is needed is not there, or one is there several times.
    """
    in_one = find_optional(
        download,
        [f"{folder}{name}" for name in release.in_one for folder in ("", "**/")],
        what="clinical table",
    )
    if in_one is not None:
        return (in_one,)
    found = []
    for number, name in enumerate(release.tables):
        find = find_one if number < release.n_needed else find_optional
        file = find(download, (name, f"**/{name}"), what="clinical table")
        found += [] if file is None else [file]
    return tuple(found)


@dataclass(frozen=True)
class Patients:
    """Hold what the tables of a release say of its patients."""

    frame: pd.DataFrame
    """Index: the patient. Our names of the columns; texts, NaN where nothing is known."""
    n_apart: int
    """Cells in which two tables contradict each other; the earlier table counts."""
    n_half_known: int
    """Patients with a relapse or a time alone; both are empty then."""


def read_patients(files: tuple[Path, ...], release: Release) -> Patients:
    """Read the tables of a release.

    Raises:
        CohortError: A table is not what is expected.
    """
    tables = [_read(file, release) for file in files]
    patients = tables[0]
    n_apart = 0
    for table in tables[1:]:
        both = patients.index.intersection(table.index)
        ours, theirs = patients.loc[both], table.loc[both]
        n_apart += int((ours.notna() & theirs.notna() & (ours != theirs)).to_numpy().sum())
        patients = patients.combine_first(table)
    outcome = ["relapse", "rfs_days"]
    half = patients[outcome].notna().sum(axis=1) == 1
    patients.loc[half, outcome] = np.nan
    return Patients(patients.sort_index(), n_apart=n_apart, n_half_known=int(half.sum()))


def _read(file: Path, release: Release) -> pd.DataFrame:
    required = release.required(file.name)
    table = read_source(
        file,
        required=("PatientID", *required),
        optional=[name for name in release.columns if name not in required],
        missing=("nan", "NaN", "NA", "N/A"),
        sheet=_SHEET,
    )
    table.unique("PatientID").checked(
        "PatientID",
        lambda text: _PATIENT.fullmatch(text) is not None,
        must="must be a centre and a number, such as CHUM-001",
    )
    columns: dict[str, pd.Series[str]] = {}
    for name, ours in release.columns.items():
        if ours in release.codes:
            columns[ours] = table.coded(name, release.codes[ours])
        elif ours in release.numbers:
            minimum, maximum = release.numbers[ours]
            table.number(name, minimum=minimum, maximum=maximum)
            columns[ours] = table[name].map(label_text, na_action="ignore")  # 56.0 is 56
        else:
            columns[ours] = table[name]
    return pd.DataFrame(columns, dtype=object).set_axis(table["PatientID"].to_numpy(), axis=0)
