"""A small made-up download in the layout of NSCLC-Radiogenomics."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from ..made_up_dicom import made_up_uid, write_series
from ..made_up_scans import made_up_chest
from .records import REQUIRED

_N_PATIENTS = 20
_NAME = "NSCLCR01Radiogenomic_DATA_LABELS_2018-05-22_1500-shifted.csv"
_GROUND_GLASS = ("0%", ">0 - 25%", "25 - 50%", "Not Assessed")
_LOBES = ("RUL", "RML", "RLL", "LUL", "LLL", "L Lingula")


def write_sample(folder: Path, variant: str) -> None:  # noqa: ARG001 - there is one variant
    """Write the clinical file and a CT for each patient, of one also a later, coronal series."""
    rng = np.random.default_rng(211)
    rows = []
    for number in range(1, _N_PATIENTS + 1):
        case = f"R01-{number:03d}" if number <= 15 else f"AMC-{number - 15:03d}"
        scanned = date(1994, 1, 1) + timedelta(days=int(rng.integers(0, 300)))
        row = _row(rng, case, scanned, number)
        rows.append(row)
        lesion = 0.2 + 0.4 * (row["Survival Status"] == "Dead") + 0.2 * rng.random()
        _write_scan(folder, case, scanned, lesion=float(lesion))
    with (folder / _NAME).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, REQUIRED)
        writer.writeheader()
        writer.writerows(rows)


def _row(rng: np.random.Generator, case: str, scanned: date, number: int) -> dict[str, str]:
    surgery = int(rng.integers(3, 60))
    dead, again = number % 3 == 0, number % 4 == 0
    until = surgery + int(rng.integers(200, 900 if dead else 2000))
    recurred = surgery + int(rng.integers(60, 180))
    smoking = ("Nonsmoker", "Former", "Current")[int(rng.integers(0, 3))]
    lobe = str(rng.choice(_LOBES))
    mutated = ("Wildtype", "Mutant", "Wildtype", "Unknown")
    return {
        "Case ID": case,
        "Patient affiliation": "Stanford" if number % 2 else "VA",
        "Age at Histological Diagnosis": str(int(rng.integers(45, 85))),
        "Weight (lbs)": "Not Collected" if number % 5 == 0 else f"{rng.normal(170, 30):.1f}",
        "Gender": "Male" if rng.random() < 0.6 else "Female",
        "Ethnicity": "Caucasian" if rng.random() < 0.7 else "Not Recorded In Database",
        "Smoking status": smoking,
        "Pack Years": "N/A" if smoking == "Nonsmoker" else str(int(rng.integers(5, 90))),
        "%GG": _GROUND_GLASS[number % len(_GROUND_GLASS)],
        **{
            f"Tumor Location (choice={one})": "Checked" if one == lobe else "Unchecked"
            for one in _LOBES
        },
        "EGFR mutation status": mutated[number % 4],
        "KRAS mutation status": mutated[(number + 1) % 4],
        "Recurrence": "yes" if again else "no",
        "Date of Recurrence": _day(scanned, recurred) if again else "N/A",
        "Date of Last Known Alive": _day(scanned, until),
        "Survival Status": "Dead" if dead else "Alive",
        "Date of Death": _day(scanned, until) if dead else "N/A",
        "CT Date": _day(scanned, 0),
        "Days between CT and surgery": str(surgery),
    }


def _write_scan(folder: Path, case: str, scanned: date, *, lesion: float) -> None:
    scan = made_up_chest(int(case[-3:]), lesion=lesion)
    fields = {
        "PatientID": case,
        "StudyDate": f"{scanned:%Y%m%d}",
        "StudyInstanceUID": made_up_uid(case, "study"),
        "SeriesInstanceUID": made_up_uid(case, "thin"),
        "SeriesDescription": "THIN LUNG WINDOW",
    }
    study = folder / "NSCLC Radiogenomics" / case / f"{scanned:%m-%d-%Y}-NA-CT CHEST-12345"
    write_series(study / "3.000000-THIN LUNG WINDOW-08618", scan, fields)
    if case == "R01-001":  # a localiser, which has few images
        localiser = {"SeriesInstanceUID": made_up_uid(case, "scout"), "SeriesDescription": "SCOUT"}
        write_series(study / "1.000000-SCOUT-96085", scan, {**fields, **localiser}, every=20)


def _day(scanned: date, after: int) -> str:
    day = scanned + timedelta(days=after)
    return f"{day.month}/{day.day}/{day.year}"
