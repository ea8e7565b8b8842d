"""A small cohort whose ids, sites, classes and categories would break a careless page."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

SCRIPT = "<script>document.title='owned'</script>"
IMAGE = '"><img src=x onerror="document.title=1">'
STYLE = "</style></title><b>`x` & 'y' | {{ 7 * 7 }}, ]]>"
N_CASES = 64


def write_hostile_cohort(folder: Path) -> Path:
    """Write a manifest, embeddings and settings with two kinds of targets; return the settings."""
    random = np.random.default_rng(0)
    image, age = random.standard_normal((2, N_CASES))
    score = 1.5 * image + age
    names = [SCRIPT, IMAGE, STYLE]
    cases = np.array([f"{names[k % 3]}-{k}" for k in range(N_CASES)])
    has_image, has_age = random.random((2, N_CASES)) > 0.2
    manifest = pd.DataFrame(
        {
            "case_id": cases,
            "patient_id": [f"{SCRIPT}{k // 2}" for k in range(N_CASES)],
            "site": np.where(np.arange(N_CASES) % 3 == 0, IMAGE, SCRIPT),
            "age": np.where(has_age | ~has_image, np.round(60 + 8 * age, 1).astype(str), ""),
            "sex": np.where(random.random(N_CASES) > 0.5, SCRIPT, STYLE),
            "cancer": (score + random.logistic(size=N_CASES) > 0).astype(int),
            "stage": np.where(score < -1, SCRIPT, np.where(score < 1, IMAGE, STYLE)),
        }
    )
    manifest.to_csv(folder / "manifest.csv", index=False)
    features = np.stack([image, *random.standard_normal((3, N_CASES))], axis=1).astype(np.float32)
    np.savez(folder / "ct.npz", case_id=cases[has_image], feature=features[has_image])
    settings = {
        "cohort": {
            "manifest": "manifest.csv",
            "site": "site",
            "targets": {
                "cancer": {"kind": "binary", "column": "cancer"},
                "stage": {"kind": "multiclass", "column": "stage", "classes": names},
            },
            "split": {"folds": 2},
        },
        "modalities": {
            "ct": {"kind": "features", "file": "ct.npz"},
            "clinical": {
                "kind": "table",
                "columns": {
                    "age": {"type": "numeric"},
                    "sex": {"type": "categorical", "categories": [SCRIPT, STYLE]},
                },
            },
        },
        "train": {"methods": ["logistic", "average"], "seeds": [0], "device": "cpu", "workers": 1},
        "eval": {
            "resamples": 100,
            "figures": False,
            "missing_cells": [0.5],
            "missing_columns": False,
            "subgroup_least": 2,
        },
    }
    file = folder / "mmfeat.yaml"
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file
