"""A small cohort of embeddings and records with a signal in both, as files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from mmfeat.config.loading import Project, load_project

N_CASES = 90


def write_training_cohort(folder: Path, *, seed: int = 0) -> Path:
    """Write a manifest, embeddings and settings; return the settings file."""
    random = np.random.default_rng(seed)
    image = random.standard_normal((N_CASES, 4)).astype(np.float32)
    age = random.normal(60, 8, N_CASES)
    score = 1.5 * image[:, 0] + (age - 60) / 6
    case_ids = np.array([f"case-{number:03d}" for number in range(N_CASES)])
    manifest = pd.DataFrame(
        {
            "case_id": case_ids,
            "patient_id": [
                f"patient-{number // 2 if number < 20 else number}" for number in range(N_CASES)
            ],
            "age": np.round(age, 1).astype(object),
            "cancer": (score + random.logistic(size=N_CASES) > 0).astype(int).astype(object),
            "stage": np.where(score < -1, "none", np.where(score < 1, "early", "late")),
            "nodule": (score + random.logistic(size=N_CASES) > 0).astype(int).astype(object),
            "fibrosis": random.integers(0, 2, N_CASES).astype(object),
            "survival_days": random.integers(1, 900, N_CASES),
            "died": random.integers(0, 2, N_CASES),
        }
    )
    manifest.loc[5:10, "cancer"] = ""
    manifest.loc[12:20, "nodule"] = ""
    manifest.loc[30:45, "age"] = ""
    manifest.to_csv(folder / "manifest.csv", index=False)
    embedded = np.setdiff1d(np.arange(N_CASES), np.arange(50, 65))
    np.savez(folder / "ct.npz", case_id=case_ids[embedded], feature=image[embedded])
    settings = {
        "cohort": {
            "manifest": "manifest.csv",
            "targets": {
                "cancer": {"kind": "binary", "column": "cancer"},
                "stage": {
                    "kind": "multiclass",
                    "column": "stage",
                    "classes": ["none", "early", "late"],
                },
                "findings": {"kind": "multilabel", "columns": ["nodule", "fibrosis"]},
                "survival": {"kind": "time_to_event", "time": "survival_days", "event": "died"},
            },
            "split": {"folds": 2},
        },
        "modalities": {
            "ct": {"kind": "features", "file": "ct.npz"},
            "clinical": {"kind": "table", "columns": {"age": {"type": "numeric"}}},
        },
        "train": {
            "methods": ["paper", "average"],
            "targets": ["cancer"],
            "seeds": [0, 1],
            "epochs": 2,
            "contrastive_epochs": 1,
            "device": "cpu",
            "workers": 1,
        },
    }
    file = folder / "mmfeat.yaml"
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file


def project_with(file: Path, **train: Any) -> Project:
    """Load the project with other train settings."""
    return load_project(file, [f"train.{key}={_yaml(value)}" for key, value in train.items()])


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True).split("\n...")[0].strip()


def head_bytes(run: Path) -> Mapping[str, bytes]:
    """Return the weights of every head of a run, by its folder."""
    return {
        str(file.parent.relative_to(run)): file.read_bytes()
        for file in sorted(run.glob("heads/**/model.safetensors"))
    }
