"""Cohorts whose data lie on this machine; nothing of them is copied.

Real ones are in the folder that `MMFEAT_BENCHMARK_DATA` names, the cohort of `mmfeat demo` with its
features is in the one that `MMFEAT_BENCHMARK_DEMO` names. Environment variables, so that the other
processes know them too.
"""

import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.methods.cohort import Cohort, CohortPlan, cohort_of, frame_as_record

DATA_VARIABLE = "MMFEAT_BENCHMARK_DATA"
DEMO_VARIABLE = "MMFEAT_BENCHMARK_DEMO"
_BLOCK_MM = 8
_RECORD_GROUPS = "clinical", "pathological", "blood", "icd", "tma_density"


def hancock(label: str, stains: tuple[str, ...]) -> Cohort:
    """Build a cohort of head and neck cancers: embeddings of stains, and the whole record."""
    folder = _folder("hancock")
    frame = pd.read_csv(folder / "table.csv", dtype={"patient_id": str})
    groups = json.loads((folder / "columns.json").read_text(encoding="utf-8"))["modalities"]
    modalities: dict[str, np.ndarray] = {}
    present = []
    for stain in stains:
        with np.load(folder / f"embedding_{stain}.npz") as loaded:
            patients, vectors = loaded["patient_id"].astype(str), loaded["feature"]
        place = pd.Series(np.arange(len(patients)), index=patients).reindex(frame["patient_id"])
        has = place.notna().to_numpy()
        rows = place.fillna(0).to_numpy(dtype=np.int64)
        modalities[stain] = vectors[rows].astype(np.float64)
        present.append(has)
    columns = [column for name in _RECORD_GROUPS for column in groups[name]]
    present.append(np.ones(len(frame), dtype=np.bool_))
    return cohort_of(
        {**modalities, "record": frame_as_record(frame[columns])},
        frame[label],
        present=np.stack(present, axis=1),
        patients=frame["patient_id"].tolist(),
    )


def nodules() -> Cohort:
    """Build a cohort of lung nodules: blocks of the scan, and what radiologists rated."""
    from mmfeat.volumes import ReadingRules, read_volume

    folder = _folder("lidc_mini")
    frame = pd.read_csv(folder / "table.csv")
    blocks = []
    for path in frame["volume"]:
        hu = np.clip(read_volume(folder / path, ReadingRules()).hu, -1000, 400).astype(np.float64)
        n_blocks = [size // _BLOCK_MM for size in hu.shape]
        hu = hu[tuple(slice(n * _BLOCK_MM) for n in n_blocks)]
        cut = hu.reshape(*(part for n in n_blocks for part in (n, _BLOCK_MM)))
        blocks.append(np.concatenate([cut.mean((1, 3, 5)).ravel(), cut.std((1, 3, 5)).ravel()]))
    ratings = frame[[name for name in frame if name.startswith("sem_")]]
    return cohort_of(
        {"scan": np.stack(blocks), "ratings": frame_as_record(ratings)},
        frame["label_malignant"],
        patients=frame["patient_id"].tolist(),
    )


def demo() -> Cohort:
    """Build the made-up cohort of `mmfeat demo`: scans read by `intensity-stats`, and records."""
    from mmfeat.config.loading import load_project
    from mmfeat.fusion.task import Task
    from mmfeat.stages.cohort import open_cohort
    from mmfeat.stages.features import open_features

    project = load_project(Path(os.environ[DEMO_VARIABLE]) / "mmfeat.yaml")
    cohort = open_cohort(project)
    labels = cohort.targets["cancer_1y"].values
    return Cohort(open_features(project, cohort), labels, Task.single("binary"))


def _folder(name: str) -> Path:
    return Path(os.environ.get(DATA_VARIABLE, "")) / name


def _has(name: str) -> bool:
    return bool(os.environ.get(DATA_VARIABLE)) and _folder(name).is_dir()


LOCAL_DATA = (
    CohortPlan(
        "hancock-recurrence",
        "real embeddings",
        "head and neck cancer: one stain's embedding and the record",
        partial(hancock, "label_recurrence", ("HE",)),
        partial(_has, "hancock"),
    ),
    CohortPlan(
        "hancock-death",
        "real embeddings",
        "head and neck cancer: two stains' embeddings and the record",
        partial(hancock, "label_deceased", ("HE", "CD8")),
        partial(_has, "hancock"),
    ),
    CohortPlan(
        "lidc",
        "real tables",
        "120 lung nodules: blocks of the scan, and ratings",
        nodules,
        partial(_has, "lidc_mini"),
    ),
    CohortPlan(
        "demo",
        "demo",
        "the cohort of `mmfeat demo`: cancer within a year",
        demo,
        lambda: bool(os.environ.get(DEMO_VARIABLE)),
    ),
)
