"""The folder in which the commands of a page are run: a tiny cohort, its cache, a run, a model."""

import json
import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pandas as pd
import yaml

from ..in_process import run_mmfeat

N_CASES = 40
N_NEW = 8
# What makes training and evaluating a matter of seconds; pages need not say it.
QUICK = {
    "extract": {"workers": 1},
    "train": {
        "seeds": [0],
        "epochs": 2,
        "contrastive_epochs": 1,
        "device": "cpu",
        "workers": 1,
    },
    "eval": {"resamples": 100, "missing_cells": [], "figures": False},
}
_SETTINGS: dict[str, Any] = {
    "cohort": {
        "manifest": "manifest.csv",
        "targets": {"cancer_1y": {"kind": "binary", "column": "cancer"}},
        "split": {"folds": 2, "val_share": 0.3},
    },
    "modalities": {
        "ct": {"kind": "volume", "column": "ct", "encoder": "intensity-stats"},
        "clinical": {
            "kind": "table",
            "columns": {"age": {"type": "numeric"}, "sex": {"type": "categorical"}},
        },
    },
    "train": {"methods": ["mmfeat", "logistic", "average"]},
}


def write_workshop(folder: Path) -> None:
    """Write everything that the commands of a page may name, in some seconds.

    `manifest.csv` (also as `table.csv`), `new.csv` and `later.csv` with the columns case_id,
    patient_id, ct, age and sex; `scan.nii.gz`, `record.json`, `mmfeat.yaml`, `cache/`, `run/`,
    `model/`; copies of the cache and of the run for commands that take two.
    """
    write_tables(folder)
    (folder / "mmfeat.yaml").write_text(yaml.safe_dump(_SETTINGS, sort_keys=False))
    make_quick(folder / "mmfeat.yaml")
    for command in ("extract mmfeat.yaml", "train mmfeat.yaml", "eval mmfeat.yaml"):
        ended = run_mmfeat(*command.split(), folder=folder)
        assert ended.code == 0, f"{command}: {ended.out}{ended.err}"
    ended = run_mmfeat("export", "run", "model", folder=folder)
    assert ended.code == 0, ended.err
    write_vectors(folder)
    for copy in ("machine-a/cache", "machine-b/cache", "other-cache"):
        shutil.copytree(folder / "cache", folder / copy)
    for copy in ("first/run", "second/run"):
        shutil.copytree(folder / "run", folder / copy)


def write_tables(folder: Path) -> None:
    """Write the scans and the tables."""
    random = np.random.default_rng(5)
    n_all = N_CASES + N_NEW
    signal = random.standard_normal(n_all)
    frame = pd.DataFrame(
        {
            "case_id": [f"c{number:02d}" for number in range(n_all)],
            "patient_id": [f"p{number:02d}" for number in range(n_all)],
            "ct": [f"scans/{number:02d}.nii.gz" for number in range(n_all)],
            "age": np.round(60 + 8 * signal + 4 * random.standard_normal(n_all), 1).astype(str),
            "sex": random.choice(["f", "m"], n_all),
            "cancer": (signal + 0.5 * random.standard_normal(n_all) > 0).astype(int),
        }
    )
    frame.loc[range(1, n_all, 4), "ct"] = ""
    frame.loc[range(2, n_all, 4), "age"] = ""
    for path, of_case in zip(frame["ct"], signal, strict=True):
        if path:
            _write_scan(folder / path, of_case, random)
    known, new = frame[:N_CASES], frame[N_CASES:]
    for name in ("manifest.csv", "table.csv"):
        known.to_csv(folder / name, index=False)
    new.to_csv(folder / "later.csv", index=False)
    new.drop(columns="cancer").to_csv(folder / "new.csv", index=False)
    shutil.copy(folder / "scans" / "00.nii.gz", folder / "scan.nii.gz")
    (folder / "record.json").write_text(json.dumps({"age": "61", "sex": "f"}))


def write_vectors(folder: Path) -> None:
    """Write embeddings that something else made, in the forms that docs/exchange.md imports."""
    random = np.random.default_rng(6)
    cases = [f"c{number:02d}" for number in range(4)]
    vectors = random.standard_normal((4, 8)).astype(np.float32)
    np.savez(folder / "vectors.npz", case_id=np.array(cases), feature=vectors)
    (folder / "vectors").mkdir()
    for case, vector in zip(cases, vectors, strict=True):
        (folder / "out" / case).mkdir(parents=True)
        np.save(folder / "out" / case / "embedding.npy", vector)
        np.save(folder / "vectors" / f"{case}.npy", vector)


def _write_scan(path: Path, signal: float, random: np.random.Generator) -> None:
    """Write soft tissue in air, denser the higher the signal."""
    hu = np.full((16, 16, 16), -1000, np.int16)
    hu[2:-2, 2:-2, 2:-2] = random.integers(-80, 80, (12, 12, 12)) + round(40 * signal)
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(hu, np.diag([1.5, 1.5, 2.0, 1.0])), path)


def make_quick(file: Path) -> None:
    """Change settings so that training and evaluating take seconds."""
    settings = yaml.safe_load(file.read_text())
    settings.setdefault("train", {}).setdefault("methods", ["logistic", "average"])
    for section, quick in QUICK.items():
        settings[section] = {**(settings.get(section) or {}), **quick}
    split = settings["cohort"].setdefault("split", {})
    if "column" not in split:
        split["folds"] = 2
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
