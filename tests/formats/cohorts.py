"""The two made-up cohorts of the fixtures: a few scans, and embeddings with records."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import yaml

N_SCANS = 5
N_CASES = 60

ENCODERS = {
    "vectors": {"encoder": "intensity-stats"},
    "tokens": {
        "encoder": "slices-lite0",
        "options": {"max_slices": 3},
        "features": "tokens",
        "max_tokens": 2,
    },
}
"""What caches are made with, by the name of their settings file."""

QUICK = {"epochs": 2, "contrastive_epochs": 1, "device": "cpu", "workers": 1, "seeds": [0]}
BINARY = {"cancer": {"kind": "binary", "column": "cancer"}}
ALL_KINDS = {
    **BINARY,
    "stage": {"kind": "multiclass", "column": "stage", "classes": ["none", "early", "late"]},
    "findings": {"kind": "multilabel", "columns": ["nodule", "fibrosis"]},
    "fev1": {"kind": "regression", "column": "fev1"},
    "survival": {
        "kind": "time_to_event",
        "time": "days",
        "event": "died",
        "horizons": [200, 500],
        "intervals": 3,
    },
}


def write_scans(folder: Path) -> None:
    """Write scans, the last of them cut short, and settings for each cache."""
    random = np.random.default_rng(5)
    rows = ["case_id,patient_id,ct,cancer"]
    (folder / "scans").mkdir(parents=True)
    for number in range(N_SCANS):
        hu = np.full((10, 10, 10), -1000, np.int16)
        hu[1:-1, 1:-1, 1:-1] = random.integers(-10, 10, (8, 8, 8)) + 60 * number
        file = folder / "scans" / f"{number}.nii.gz"
        nib.save(nib.Nifti1Image(hu, np.diag([1.5, 1.5, 2.0, 1.0])), file)
        rows.append(f"c{number},p{number},scans/{number}.nii.gz,{number % 2}")
    file.write_bytes(file.read_bytes()[:200])
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    for name, encoder in ENCODERS.items():
        settings = {
            "cohort": {"manifest": "manifest.csv", "targets": BINARY},
            "modalities": {"ct": {"kind": "volume", "column": "ct", **encoder}},
            "extract": {"workers": 1, "shard_cases": 2, "cache": f"{name}"},
        }
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))


def write_records(folder: Path) -> None:
    """Write a manifest with records and targets of all kinds, and embeddings."""
    random = np.random.default_rng(7)
    image = random.standard_normal((N_CASES, 4)).astype(np.float32)
    age = random.normal(60, 8, N_CASES)
    score = 1.5 * image[:, 0] + (age - 60) / 6
    ids = np.array([f"c{number:02d}" for number in range(N_CASES)])
    frame = pd.DataFrame({"case_id": ids, "patient_id": [f"p{n // 2:02d}" for n in range(N_CASES)]})
    frame["age"] = np.round(age, 1).astype(str)
    frame["lobe"] = random.choice(["upper", "lower"], N_CASES)
    for name in ("cancer", "nodule", "fibrosis"):
        frame[name] = (score + random.logistic(size=N_CASES) > 0).astype(int)
    frame["stage"] = np.where(score < -1, "none", np.where(score < 1, "early", "late"))
    frame["fev1"] = np.round(90 - 5 * score, 1)
    frame["days"] = np.ceil(400 * np.exp(-0.4 * score)).astype(int)
    frame["died"] = random.integers(0, 2, N_CASES)
    frame.loc[range(1, N_CASES, 6), ["age", "lobe"]] = ""
    folder.mkdir(parents=True)
    frame.to_csv(folder / "manifest.csv", index=False)
    embedded = np.flatnonzero(np.arange(N_CASES) % 6 != 0)
    np.savez(folder / "ct.npz", case_id=ids[embedded], feature=image[embedded])


def write_run_settings(
    folder: Path, name: str, *, targets: dict[str, object], encoders: object = None, **train: object
) -> Path:
    """Write the settings of one run; its folder has the same name."""
    clinical: dict[str, object] = {
        "kind": "table",
        "columns": {"age": {"type": "numeric"}, "lobe": {"type": "categorical"}},
    }
    if encoders is not None:
        clinical["encoder"] = encoders
    settings = {
        "cohort": {
            "manifest": "manifest.csv",
            "targets": targets,
            "split": {"folds": 2, "val_share": 0.3, "file": f"{name}-splits.csv"},
        },
        "modalities": {"ct": {"kind": "features", "file": "ct.npz"}, "clinical": clinical},
        "train": {**QUICK, "run": name, **train},
        "eval": {
            "resamples": 100,
            "missing_cells": [],
            "missing_columns": False,
            "missing_modalities": [],
        },
    }
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file
