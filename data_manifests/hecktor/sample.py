"""A small made-up download in the layout of HECKTOR."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmfeat.volumes.volume import Volume

from ..made_up_scans import made_up_chest, write_nifti

_CENTRES = ("CHUM", "CHUS", "HGJ", "MDA")
_PER_CENTRE = 9


@dataclass(frozen=True)
class _Patient:
    name: str
    age: int
    male: int
    tobacco: str
    performance: str
    chemotherapy: int
    hpv: str
    relapse: int
    rfs_days: int
    seed: int


def write_sample(folder: Path, variant: str) -> None:
    """Write the tables and scans of one release."""
    rng = np.random.default_rng(2025)
    patients = [
        _draw(rng, f"{centre}-{number:03d}")
        for centre in _CENTRES
        for number in range(1, _PER_CENTRE + 1)
    ]
    {"2025": _write_2025, "2022": _write_2022}[variant](folder, patients)


def _draw(rng: np.random.Generator, name: str) -> _Patient:
    hpv = int(rng.random() < 0.5)
    relapse = int(rng.random() < (0.3 if hpv else 0.6))
    return _Patient(
        name=name,
        age=int(rng.normal(61, 9)),
        male=int(rng.random() < 0.8),
        tobacco=str(rng.choice(["0", "1", ""])),
        performance=str(rng.choice(["0", "1", "2", ""])),
        chemotherapy=int(rng.random() < 0.8),
        hpv="" if rng.random() < 0.2 else str(hpv),
        relapse=relapse,
        rfs_days=int(rng.exponential(600 if relapse else 1200)) + 30,
        seed=int(rng.integers(1000)),
    )


def _write_2025(folder: Path, patients: list[_Patient]) -> None:
    root = folder / "hecktor2025_training"
    known = ["Age", "Gender", "Tobacco Consumption", "Alcohol Consumption"]
    known += ["Performance Status", "M-stage"]

    def facts(one: _Patient) -> list[object]:
        return [one.age, one.male, one.tobacco, one.tobacco, one.performance, "M0"]

    tables = {
        "1": (["PatientID", *known], [[one.name, *facts(one)] for one in patients[::2]]),
        "2": (
            ["PatientID", *known, "Treatment", "Relapse", "RFS"],
            [
                [one.name, *facts(one), one.chemotherapy, one.relapse, one.rfs_days]
                for one in patients
            ],
        ),
        "3": (
            ["PatientID", *known, "HPV Status"],
            [[one.name, *facts(one), one.hpv] for one in patients if one.hpv],
        ),
    }
    for task, (header, rows) in tables.items():
        _write_csv(root / f"Task {task}" / f"HECKTOR_2025_Training_Task_{task}.csv", header, rows)
    for number, one in enumerate(patients):
        _write_scans(root / "Task 2" / one.name, one)
        if number % 2 == 0:
            write_nifti(root / "Task 1" / one.name / f"{one.name}.nii.gz", _outline(one))


def _write_2022(folder: Path, patients: list[_Patient]) -> None:
    root = folder / "hecktor2022_training"
    header = ["PatientID", "Task 1", "Task 2", "CenterID", "Gender", "Age", "Weight", "Tobacco"]
    header += ["Alcohol", "Performance status", "HPV status (0=-, 1=+)", "Surgery", "Chemotherapy"]
    rows = [
        [
            *(one.name, 1, 1, 1, "FM"[one.male], one.age, 60 + one.seed % 40, one.tobacco),
            *(one.tobacco, one.performance, one.hpv, "", one.chemotherapy),
        ]
        for one in patients
    ]
    _write_csv(root / "hecktor2022_clinical_info_training.csv", header, rows)
    _write_csv(
        root / "hecktor2022_endpoint_training.csv",
        ["PatientID", "Relapse", "RFS"],
        [[one.name, one.relapse, one.rfs_days] for one in patients],
    )
    for one in patients:
        _write_scans(root / "imagesTr", one)
        write_nifti(root / "labelsTr" / f"{one.name}.nii.gz", _outline(one))


def _write_scans(folder: Path, one: _Patient) -> None:
    scan = made_up_chest(one.seed, lesion=0.5 * one.relapse)
    write_nifti(folder / f"{one.name}__CT.nii.gz", scan)
    uptake = np.maximum(scan.hu, 0) // 100
    write_nifti(folder / f"{one.name}__PT.nii.gz", Volume(uptake, scan.affine))


def _outline(one: _Patient) -> Volume:
    scan = made_up_chest(one.seed)
    marked = np.zeros_like(scan.hu)
    marked[10:13, 12:15, 12:15] = 1
    return Volume(marked, scan.affine)


def _write_csv(file: Path, header: list[str], rows: list[list[object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])
