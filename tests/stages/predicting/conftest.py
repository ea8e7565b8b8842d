"""Two tiny runs, trained and predicted once for all tests of predicting."""

import json
from pathlib import Path

import pytest

from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.training.train import train
from tests.stages.training_cohort import write_training_cohort

QUICK = ["train.epochs=2", "train.contrastive_epochs=1", "eval.missing_cells=[]"]


def _trained(folder: Path, *overrides: str) -> Path:
    file = write_training_cohort(folder)
    project = load_project(file, [*QUICK, *overrides])
    train(project, progress=Silent(), should_stop=lambda: False)
    predict_run(project, Silent()).views.to_parquet(folder / "run" / "predictions.parquet")
    return folder / "run"


@pytest.fixture(scope="session")
def networks_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of networks: a binary target, a Cox model, and both in one network; two seeds."""
    return _trained(
        tmp_path_factory.mktemp("networks"),
        "train.methods=[paper]",
        "train.targets=[cancer, survival]",
        "train.joint={both: {cancer: 1.0, survival: 0.5}}",
        "cohort.targets.survival.model=cox",
    )


@pytest.fixture(scope="session")
def linear_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of linear models: classes, hazards and a number; two encoders of the record."""
    return _trained(
        tmp_path_factory.mktemp("linear"),
        "train.methods=[average]",
        "train.targets=[stage, survival, days]",
        "cohort.targets.survival.intervals=3",
        "cohort.targets.days={kind: regression, column: survival_days}",
        "modalities.clinical.encoder=[tabular-basic, ple]",
    )


def write_calibration(run: Path, *, chosen: str = "temperature") -> None:
    """Say that the temperature of `cancer` is 2 in fold 0 and 4 in fold 1 of whole cases."""
    folds = {
        str(fold): {
            "temperature": {"method": "temperature", "kind": "binary", "temperatures": [value]},
            "isotonic": {"method": "none", "reason": "too few cases"},
        }
        for fold, value in ((0, 2.0), (1, 4.0))
    }
    known = {"chosen": chosen, "targets": {"cancer": {"paper": {"ct+clinical": folds}}}}
    (run / "calibration.json").write_text(json.dumps(known))
