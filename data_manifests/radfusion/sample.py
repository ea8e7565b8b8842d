"""Write a made-up download of RadFusion: its tables, and arrays or embeddings."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..made_up_scans import made_up_chest, stored
from .scans import GEOMETRY

_N_PATIENTS = 36
_PARTS = ("train", "train", "val", "train", "test", "train")
_KINDS = ("central", "segmental", "subsegmental")
_CODES = (
    *("ACUTE RESPIRATORY INFECTIONS", "DISEASES OF PULMONARY CIRCULATION"),
    "NEOPLASMS, BENIGN",
)
_DRUGS = ("ANTI-ANXIETY DRUGS", "ANTICOAGULANTS,COUMARIN TYPE", "LOCAL ANESTHETICS")
_TESTS = ("hemoglobin", "lactate", "d-dimer")
_RACES = ("Asian", "Black", "Native American", "Other", "Pacific Islander", "Unknown_race", "White")
_WIDTH = 24
_TWICE = 7
"""The patient with two records."""

Row = Mapping[str, object]


def write_sample(folder: Path, variant: str) -> None:
    """Write the download of a variant into an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(2111)
    rows = [_patient(number, rng) for number in range(_N_PATIENTS)]
    for name in rows[0]:
        table = [row[name] for row in rows]
        # One patient stands twice in every table, in those of the record with other numbers.
        again = _patient(_TWICE, rng)[name] if name != "Labels" else table[_TWICE]
        _write_csv(folder / f"{name}.csv", [*table, again])
    is_positive = np.array([row["Labels"]["label"] for row in rows])
    if variant == "features":
        vectors = rng.normal(0, 1, (_N_PATIENTS, _WIDTH)).astype(np.float32)
        vectors[:, 0] += 1.5 * is_positive
        ids = np.array([str(number) for number in range(_N_PATIENTS)])
        np.savez(folder / "features.npz", case_id=ids, feature=vectors)
        return
    for number in range(_N_PATIENTS):
        scan = made_up_chest(number, lesion=0.5 * float(is_positive[number]))
        place = folder / str(number % 3)
        place.mkdir(exist_ok=True)
        np.save(place / f"{number}.npy", stored(scan))
    size = {"slice_mm": 9, "row_mm": 10.5, "column_mm": 10.5, "first_slice": "feet"}
    _write_csv(folder / GEOMETRY, [{"idx": "*", **size}], numbered=False)


def _patient(number: int, rng: np.random.Generator) -> dict[str, dict[str, object]]:
    """Return the rows of one patient, by table."""
    label, part = (number // 6 + number) % 2, _PARTS[number % 6]
    idx: dict[str, object] = {"idx": number}
    male, smoker = int(rng.integers(2)), int(rng.integers(2))
    race = int(rng.integers(len(_RACES)))
    ill = (rng.random(len(_CODES)) < 0.3 + 0.3 * label).astype(int)
    return {
        "Labels": {
            **idx,
            "label": label,
            "pe_type": _KINDS[number % 3] if label else "",
            "split": part,
        },
        "Demographics": {
            "current_age_yrs": round(float(rng.uniform(25, 90)), 2),
            "Male": male,
            "Female": 1 - male,
            **{name: int(place == race) for place, name in enumerate(_RACES)},
            "SMOKER_N": 1 - smoker,
            "SMOKER_Y": smoker,
            **idx,
            "split": part,
        },
        "ICD": {
            **{
                f"{name}:frequency": round(0.1 * int(one), 3)
                for name, one in zip(_CODES, ill, strict=True)
            },
            **{f"{name}:presence": int(one) for name, one in zip(_CODES, ill, strict=True)},
            **idx,
        },
        **{
            table: {
                # The misspelt word is the original's.
                **{f"{name}:Frequeny": int(rng.integers(4)) for name in _DRUGS},
                **{f"{name}:Binary": int(rng.integers(2)) for name in _DRUGS},
                **idx,
                "split": part,
            }
            for table in ("INP_MED", "OUT_MED")
        },
        "LABS": {
            **{f"{name}:Value": round(float(rng.uniform(0, 15)), 1) for name in _TESTS},
            **{f"{name}:Binary": int(rng.integers(2)) for name in _TESTS},
            **idx,
        },
        "Vitals": {
            "SBP": int(rng.integers(90, 180)),
            "DBP": int(rng.integers(50, 110)),
            "height_inch": int(rng.integers(58, 76)),
            "weight_kg": int(rng.integers(45, 130)),
            "bmi": round(float(rng.uniform(18, 40)), 1),
            "tempf": round(float(rng.uniform(96, 102)), 1),
            "spO2": int(rng.integers(85, 101)),
            "pulse": int(rng.integers(55, 130)),
            **idx,
        },
    }


def _write_csv(file: Path, rows: Sequence[Row], *, numbered: bool = True) -> None:
    """Write rows, with their numbers in a column without a name, as pandas does."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        first = [""] if numbered else []
        writer.writerow([*first, *rows[0]])
        for number, row in enumerate(rows):
            writer.writerow([*([number] if numbered else []), *row.values()])
