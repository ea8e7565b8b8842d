"""A small made-up download in the layout of KiTS23."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.volumes.volume import Volume

from ..made_up_scans import made_up_chest, write_nifti
from .records import COMORBIDITIES

_N_PATIENTS = 30
_RISKS = ("benign", "low_risk", "intermediate_risk", "high_risk", "very_high_risk")
_SUBTYPES = ("clear_cell_rcc", "papillary_rcc", "chromophobe_rcc", "other")
_TUMOUR_AT = (slice(15, 22), slice(10, 14), slice(8, 12))


def write_sample(folder: Path, variant: str) -> None:  # noqa: ARG001 - the same for both
    """Write ``dataset/kits23.json`` and a scan and a segmentation for each case."""
    rng = np.random.default_rng(23)
    records = []
    for number in range(_N_PATIENTS):
        case = f"case_{number if number < 20 else 380 + number:05d}"
        risk = _RISKS[number % len(_RISKS)]
        records.append(_record(rng, case, risk))
        scan = made_up_chest(number, lesion=0.12 * _RISKS.index(risk) + 0.1 * rng.random())
        write_nifti(folder / "dataset" / case / "imaging.nii.gz", scan)
        labels = np.zeros(scan.hu.shape, np.int16)
        labels[8:22, 8:16, 6:14] = 1  # kidney
        labels[_TUMOUR_AT] = 2
        write_nifti(folder / "dataset" / case / "segmentation.nii.gz", Volume(labels, scan.affine))
    (folder / "dataset" / "kits23.json").write_text(json.dumps(records, indent=1) + "\n")


def _record(rng: np.random.Generator, case: str, risk: str) -> dict[str, Any]:
    benign = risk == "benign"
    level = _RISKS.index(risk)
    smoking = str(rng.choice(["never_smoked", "previous_smoker", "current_smoker"]))
    quitted = int(rng.integers(20, 60)) if smoking == "previous_smoker" else None
    size = round(float(2 + level + rng.normal(0, 0.6)), 1)
    subtype = "oncocytoma" if benign else str(rng.choice(_SUBTYPES))
    dead = bool(rng.random() < 0.1 + 0.15 * level)
    return {
        "case_id": case,
        "gender": "male" if rng.random() < 0.6 else "female",
        "vital_status": "dead" if dead else "censored",
        "vital_days_after_surgery": int(rng.integers(100, 1900 if dead else 3000)),
        "bmi": round(float(rng.normal(30, 5)), 2) if rng.random() < 0.95 else None,
        "comorbidities": {name: bool(rng.random() < 0.1) for name in COMORBIDITIES},
        "age_at_nephrectomy": int(rng.integers(30, 85)),
        "smoking_history": smoking if rng.random() < 0.95 else "not_found_in_emr",
        "age_when_quit_smoking": quitted,
        "pack_years": 0.0 if smoking == "never_smoked" else float(rng.integers(1, 60)),
        "chewing_tobacco_use": "never_or_not_in_the_last_3_months",
        "alcohol_use": str(rng.choice(["two_or_less_daily", "more_than_two_daily"])),
        "radiographic_size": size,
        "malignant": not benign,
        "pathologic_size": size,
        "tumor_histologic_subtype": subtype,
        "tumor_isup_grade": "na" if benign else str(rng.integers(1, 5)),
        "last_preop_egfr": {
            "days_before_nephrectomy": int(rng.integers(0, 60)),
            "value": float(rng.integers(30, 91)) if rng.random() < 0.7 else None,
        },
        "aua_risk_score": risk,
    }
