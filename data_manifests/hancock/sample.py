"""A small made-up download in the layout of HANCOCK."""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blood import COUNTS

_N_PATIENTS = 60
_SITES = ("Oropharynx", "Larynx", "Oral_Cavity", "Hypopharynx")
_WIDTH = 16
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def write_sample(folder: Path, variant: str) -> None:
    """Write ``Hancock_Dataset/``, and with embeddings ``features/`` of the authors' repository."""
    rng = np.random.default_rng(763)
    patients = [f"{number:03d}" for number in range(1, _N_PATIENTS + 1)]
    severities = dict(zip(patients, rng.random(_N_PATIENTS), strict=True))
    clinical = [_clinical(rng, patient, severity) for patient, severity in severities.items()]
    pathological = [_pathological(rng, *one) for one in severities.items()]
    blood = [one for patient in patients[:-5] for one in _blood(rng, patient)]
    root = folder / "Hancock_Dataset"
    for name, records in (("clinical", clinical), ("pathological", pathological), ("blood", blood)):
        _write(root / "StructuredData" / f"{name}_data.json", records)
    splits = root / "DataSplits_DataDictionaries"
    tests = {
        "in": patients[::4],
        "out": patients[-15:],
        "Oropharynx": [
            one["patient_id"] for one in pathological if one["primary_tumor_site"] == _SITES[0]
        ],
    }
    for name, test in tests.items():
        parts = [
            {"patient_id": one, "dataset": "test" if one in test else "training"}
            for one in patients
        ]
        _write(splits / f"dataset_split_{name}.json", parts)
    if variant == "embeddings":
        vectors = {one: _vector(rng, severities[one]) for one in patients[3:]}
        _write_npz(folder / "features" / "tma_tile_dtr_256_HE.npz", vectors)


def _clinical(rng: np.random.Generator, patient: str, severity: float) -> dict[str, Any]:
    last = int(rng.integers(200, 4000))
    recurred, died = rng.random() < 0.6 * severity, rng.random() < 0.7 * severity
    cause = str(rng.choice(["tumor specific", "not tumor specific"], p=(0.7, 0.3)))
    return {
        "patient_id": patient,
        "year_of_initial_diagnosis": int(rng.integers(2008, 2019)),
        "age_at_initial_diagnosis": int(rng.integers(40, 85)),
        "sex": str(rng.choice(["male", "female"])),
        "smoking_status": str(rng.choice(["smoker", "former", "non-smoker"])),
        "primarily_metastasis": "no",
        "survival_status": "deceased" if died else "living",
        "survival_status_with_cause": f"deceased {cause}" if died else "living",
        "days_to_last_information": last,
        "first_treatment_intent": "curative",
        "days_to_first_treatment": int(rng.integers(0, 40)),
        "adjuvant_radiotherapy": "yes" if severity > 0.5 else "no",
        "recurrence": "yes" if recurred else "no",
        "days_to_recurrence": int(rng.integers(60, last)) if recurred else None,
        "days_to_progress_1": None,
        "days_to_metastasis_1": int(rng.integers(60, last)) if severity > 0.9 else None,
    }


def _pathological(rng: np.random.Generator, patient: str, severity: float) -> dict[str, Any]:
    no_or_yes = np.where(rng.random(4) < severity, "yes", "no").tolist()
    return {
        "patient_id": patient,
        "primary_tumor_site": str(rng.choice(_SITES)),
        "histologic_type": "SCC_Conventional-Keratinizing",
        "grading": str(rng.choice(["G2", "G3"])),
        "hpv_association_p16": str(rng.choice(["positive", "negative", "not_tested"])),
        "pT_stage": f"pT{1 + int(3.99 * severity)}",
        "pN_stage": str(rng.choice(["pN0", "pN1", "NX"])),
        "number_of_positive_lymph_nodes": int(rng.poisson(2 * severity)),
        "perinodal_invasion": no_or_yes[0] if rng.random() < 0.5 else None,
        "lymphovascular_invasion_L": no_or_yes[1],
        "vascular_invasion_V": no_or_yes[2],
        "perineural_invasion_Pn": no_or_yes[3],
        "resection_status": "R0" if severity < 0.8 else "R1",
        "resection_status_carcinoma_in_situ": "CIS Absent",
        "carcinoma_in_situ": "no",
        "infiltration_depth_in_mm": round(float(20 * severity), 1),
        "closest_resection_margin_in_cm": "<0.1",
    }


def _blood(rng: np.random.Generator, patient: str) -> list[dict[str, Any]]:
    return [
        {
            "patient_id": patient,
            "value": round(float(rng.lognormal(2, 0.3)), 2),
            "unit": "made up",
            "analyte_name": name.partition(" ")[0],
            "LOINC_name": name,
            "group": "Hematology",
            "days_before_first_treatment": int(rng.integers(0, 15)),
        }
        for name in COUNTS
        if rng.random() < 0.9
    ]


def _vector(rng: np.random.Generator, severity: float) -> NDArray[np.float32]:
    return (rng.standard_normal(_WIDTH) + severity).astype(np.float32)


def _write(file: Path, records: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(records, indent=1), encoding="utf-8")


def _write_npz(file: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Write an archive as NumPy does, without the time of day in it."""
    file.parent.mkdir(parents=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            content = BytesIO()
            np.save(content, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _LONG_AGO), content.getvalue())
