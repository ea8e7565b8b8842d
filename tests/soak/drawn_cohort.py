"""A tiny cohort of scans, records and embeddings on disk, another for each seed."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ..stages.extraction_cohort import write_scan

COLUMNS: dict[str, dict[str, Any]] = {
    "age": {"type": "numeric"},
    "smoker": {"type": "boolean"},
    "ward": {"type": "categorical"},
    "grade": {"type": "ordinal", "levels": ["I", "II", "III"]},
}
TARGETS: dict[str, dict[str, Any]] = {
    "cancer": {"kind": "binary", "column": "cancer"},
    "stage": {"kind": "multiclass", "column": "stage", "classes": ["none", "early", "late"]},
    "findings": {"kind": "multilabel", "columns": ["nodule", "fibrosis"]},
    "volume": {"kind": "regression", "column": "volume"},
    "survival": {"kind": "time_to_event", "time": "days", "event": "died", "horizons": [800]},
}
METHODS = ("logistic", "average", "boosting", "mmfeat", "paper", "smd-zero", "daft", "ct-only")
_ABSENT = 0.15
"""Part of the cases without a modality, and of the cells of a record that are empty."""


@dataclass
class DrawnCohort:
    """The files of a cohort, which troubles may change, and the settings, which stay."""

    folder: Path
    settings: dict[str, Any]
    manifest: pd.DataFrame

    @property
    def scans(self) -> list[Path]:
        """The scans that the manifest names, there or not, each once."""
        cells = [cell for name in self.volumes for cell in self.manifest[name]]
        named = {scan for cell in cells for scan in cell.split(";") if scan}
        return [self.folder / scan for scan in sorted(named)]

    @property
    def volumes(self) -> list[str]:
        """The modalities that are scans; each has a column of its name."""
        modalities = self.settings["modalities"].items()
        return [name for name, one in modalities if one["kind"] == "volume"]

    @property
    def has_record(self) -> "pd.Series[bool]":
        """Whether each case has any cell of its record."""
        columns = list(self.settings["modalities"]["clinical"]["columns"])
        return ~self.manifest[columns].isin(["", "NA"]).all(axis=1)

    def write(self) -> None:
        """Write the manifest as it is now."""
        self.manifest.to_csv(self.folder / "manifest.csv", index=False)


def draw_cohort(folder: Path, draw: random.Random) -> DrawnCohort:
    """Write a cohort of two to four modalities, some of them absent, one or two targets."""
    generator = np.random.default_rng(draw.getrandbits(32))
    n_cases = draw.randint(36, 48)
    manifest = _drawn_manifest(n_cases, generator)
    settings = _drawn_settings(draw)
    cohort = DrawnCohort(folder, settings, manifest)
    for name in cohort.volumes:
        several = settings["modalities"][name].get("several")
        cells = [f"scans/{name}-{number:03d}.nii.gz" for number in range(n_cases)]
        if several:
            cells = [
                f"{cell};scans/{name}-{number:03d}-again.nii.gz" if number % 5 == 0 else cell
                for number, cell in enumerate(cells)
            ]
        there = (generator.random(n_cases) > _ABSENT) | ~cohort.has_record
        manifest[name] = np.where(there, cells, "")
    for number, scan in enumerate(cohort.scans):
        write_scan(scan, number, draw.choice((12, 14, 16)))
    for scan in draw.sample(cohort.scans, draw.randint(0, 3)):
        scan.write_bytes(broken(scan.read_bytes(), draw))
    if "path" in settings["modalities"]:
        there = generator.random(n_cases) > _ABSENT
        ids = manifest["case_id"].to_numpy(dtype=str)[there]
        features = generator.standard_normal((there.sum(), 3)).astype(np.float32)
        np.savez(folder / "path.npz", case_id=ids, feature=features)
    (folder / "mmfeat.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    cohort.write()
    return cohort


def broken(scan: bytes, draw: random.Random) -> bytes:
    """Return what cannot be read as a scan."""
    return draw.choice((b"", b"not a scan", scan[: len(scan) // 2]))


def _drawn_manifest(n_cases: int, generator: np.random.Generator) -> pd.DataFrame:
    age = generator.normal(60, 8, n_cases).round(1)
    score = (age - 60) / 6
    noisy = score + generator.logistic(size=n_cases)
    known = generator.random((6, n_cases)) > _ABSENT
    table = {
        "case_id": [f"case-{number:03d}" for number in range(n_cases)],
        "patient_id": [
            f"patient-{number - number % 2 * (number < 12)}" for number in range(n_cases)
        ],
        "age": np.where(known[0], age.astype(str), ""),
        "smoker": np.where(known[1], generator.choice(["yes", "no"], n_cases), ""),
        "ward": np.where(known[2], generator.choice(["a", "b", "c"], n_cases), "NA"),
        "grade": np.where(known[3], generator.choice(["I", "II", "III"], n_cases), ""),
        "cancer": np.where(known[4], (noisy > 0).astype(int).astype(str), ""),
        "stage": np.where(score < -0.6, "none", np.where(score < 0.6, "early", "late")),
        "nodule": np.where(known[5], (noisy > 0).astype(int).astype(str), ""),
        "fibrosis": generator.integers(0, 2, n_cases),
        "volume": noisy.round(3),
        "days": generator.integers(1, 900, n_cases),
        # Enough of both for every part of every fold.
        "died": generator.permutation(np.arange(n_cases) % 5 < 3).astype(int),
    }
    return pd.DataFrame(table).astype(str)


def _drawn_settings(draw: random.Random) -> dict[str, Any]:
    modalities: dict[str, dict[str, Any]] = {"ct": _drawn_volume("ct", draw)}
    if draw.random() < 0.3:
        modalities["pet"] = _drawn_volume("pet", draw)
    columns = draw.sample(sorted(COLUMNS), draw.randint(1, len(COLUMNS)))
    modalities["clinical"] = {"kind": "table", "columns": {name: COLUMNS[name] for name in columns}}
    if draw.random() < 0.3:
        modalities["path"] = {"kind": "features", "file": "path.npz"}
    targets = draw.sample(sorted(TARGETS), 2 if draw.random() < 0.2 else 1)
    train = {
        "methods": draw.sample(METHODS, 2),
        "seeds": [0, 1] if draw.random() < 0.3 else [0],
        "epochs": draw.randint(2, 8),
        "contrastive_epochs": draw.randint(0, 1),
        "device": "cpu",
        "workers": 2 if draw.random() < 0.15 else 1,
    }
    if draw.random() < 0.2:
        train["grid"] = {"dropout": [0.1, 0.3]}
    return {
        "cohort": {
            "manifest": "manifest.csv",
            "targets": {name: TARGETS[name] for name in targets},
            "split": {"folds": 2, "seed": draw.randrange(100)},
        },
        "modalities": modalities,
        "extract": {"workers": draw.randint(1, 3), "shard_cases": draw.randint(1, 12)},
        "train": train,
        "eval": {
            "resamples": 100,
            "operating_points": draw.choice(([], ["youden"])),
            "recalibration": draw.choice(("temperature", "none")),
            "missing_cells": [0.5] if draw.random() < 0.2 else [],
            "missing_columns": False,
            "missing_modalities": [0.5] if draw.random() < 0.2 else [],
            "subgroups": {},
            "figures": draw.random() < 0.2,
            "shown_scans": draw.choice((0, 2)),
        },
    }


def _drawn_volume(name: str, draw: random.Random) -> dict[str, Any]:
    modality: dict[str, Any] = {"kind": "volume", "column": name, "encoder": "intensity-stats"}
    if draw.random() < 0.2:
        modality |= {"features": "tokens", "max_tokens": draw.choice((2, 8))}
    if draw.random() < 0.3:
        modality["several"] = draw.choice(("mean", "max"))
    return modality
