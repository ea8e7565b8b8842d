"""A small cohort of scans and records that is trained and evaluated, and new cases to predict."""

from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import yaml

from mmfeat.config.loading import Project, load_project
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.evaluate import PREDICTIONS_FILE
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.evaluation.prediction import predict_opened
from mmfeat.stages.evaluation.run_references import write_references
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.training.open_run import open_run
from mmfeat.stages.training.train import train
from mmfeat.stages.training.trained_run import as_trained

N_CASES = 60
N_NEW = 12
LOBES = ("upper", "lower")


def referenced_project(folder: Path, overrides: Sequence[str] = ()) -> Project:
    """Write, extract and train the cohort, and keep what new cases are compared with.

    The run has everything of an evaluation that predictions need; metrics and figures take long.
    """
    project = load_project(write_predicted_cohort(folder), overrides)
    extract(project, progress=Silent(), should_stop=lambda: False)
    train(project, progress=Silent(), should_stop=lambda: False)
    trained_project, trained = as_trained(project)
    opened = open_run(trained_project)
    predictions = predict_opened(opened, trained, Silent())
    predictions.views.to_parquet(opened.run / PREDICTIONS_FILE, index=False)
    evaluation = Evaluation.of(opened, trained, predictions, Silent())
    write_references(evaluation)
    return project


def write_predicted_cohort(folder: Path) -> Path:
    """Write scans, both tables and the settings; return the settings file.

    Of the first cases each second lacks the scan and each third the record; never both.
    """
    random = np.random.default_rng(3)
    n_all = N_CASES + N_NEW
    signal = random.standard_normal(n_all)
    age = np.round(60 + 8 * signal + 4 * random.standard_normal(n_all), 1)
    score = signal + 0.5 * random.standard_normal(n_all)
    days = np.ceil(400 * np.exp(-0.5 * score + 0.3 * random.standard_normal(n_all)))
    ends = random.integers(100, 1200, n_all)
    frame = pd.DataFrame(
        {
            "case_id": [f"c{number:02d}" for number in range(n_all)],
            "patient_id": [f"p{number:02d}" for number in range(n_all)],
            "ct": [f"scans/{number:02d}.nii.gz" for number in range(n_all)],
            "age": age.astype(str),
            "lobe": random.choice(LOBES, n_all),
            "cancer": (score > 0).astype(int),
            "stage": np.where(score < -0.5, "mild", np.where(score < 0.5, "early", "late")),
            "fev1": np.round(90 - 6 * score, 1),
            "days": np.minimum(days, ends).astype(int),
            "died": (days <= ends).astype(int),
        }
    )
    frame.loc[range(1, N_CASES, 4), "ct"] = ""
    frame.loc[range(2, N_CASES, 4), ["age", "lobe"]] = ""
    for path, of_case in zip(frame.ct, signal, strict=True):
        if path:
            write_phantom(folder / path, of_case, random)
    frame[:N_CASES].to_csv(folder / "manifest.csv", index=False)
    frame[N_CASES:].drop(columns=["cancer", "stage", "fev1", "days", "died"]).to_csv(
        folder / "new.csv", index=False
    )
    file = folder / "mmfeat.yaml"
    file.write_text(yaml.safe_dump(_SETTINGS, sort_keys=False))
    return file


def write_phantom(path: Path, signal: float, random: np.random.Generator) -> None:
    """Write a scan of soft tissue in air, denser the higher the signal."""
    hu = np.full((16, 16, 16), -1000, np.int16)
    hu[2:-2, 2:-2, 2:-2] = random.integers(-80, 80, (12, 12, 12)) + round(40 * signal)
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(hu, np.diag([1.5, 1.5, 2.0, 1.0])), path)


_SETTINGS = {
    "cohort": {
        "manifest": "manifest.csv",
        "targets": {
            "cancer": {"kind": "binary", "column": "cancer"},
            "stage": {
                "kind": "multiclass",
                "column": "stage",
                "classes": ["mild", "early", "late"],
            },
            "fev1": {"kind": "regression", "column": "fev1"},
            "survival": {
                "kind": "time_to_event",
                "time": "days",
                "event": "died",
                "horizons": [300, 600],
            },
        },
        "split": {"folds": 2, "val_share": 0.3},
    },
    "modalities": {
        "ct": {"kind": "volume", "column": "ct", "encoder": "intensity-stats"},
        "clinical": {
            "kind": "table",
            "columns": {"age": {"type": "numeric"}, "lobe": {"type": "categorical"}},
        },
    },
    "extract": {"workers": 1},
    "train": {
        "methods": ["logistic", "concat-zero"],
        "seeds": [0, 1],
        "epochs": 2,
        "contrastive_epochs": 1,
        "device": "cpu",
        "workers": 1,
    },
    "eval": {"resamples": 100, "missing_cells": [], "figures": False},
}
