from collections.abc import Callable, Sequence

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.stacked.contrastive_architecture import ContrastiveArchitecture
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import LoopOptions, NetworkJob
from mmfeat.fusion.views import training_views

WIDTHS = (20, 10)
ARCHITECTURES = {
    "paper": PaperArchitecture(WIDTHS, 1),
    "contrastive": ContrastiveArchitecture(PaperArchitecture(WIDTHS, 1)),
    "residual": ResidualArchitecture(WIDTHS, 1, d_projection=6, d_hidden=10),
}


@pytest.fixture(scope="session")
def real_folds() -> list[FoldData]:
    """Three folds of the breast cancer table in two modalities, a fifth of each missing."""
    table, malignant = load_breast_cancer(return_X_y=True)
    random = np.random.default_rng(0)
    n_cases = len(table)
    present = random.random((n_cases, 2)) >= 0.2
    present[~present.any(axis=1), 0] = True
    part = random.permutation(np.arange(n_cases) % 5)
    folds = []
    for fold in range(3):
        train = np.flatnonzero((part != fold) & (part != fold + 1))
        scaled = (table - table[train].mean(0)) / table[train].std(0)
        features = {"a": scaled[:, :20].astype(np.float32), "b": scaled[:, 20:].astype(np.float32)}
        val = np.flatnonzero(part == fold + 1)
        labels = malignant[:, None].astype(float)
        patients = tuple(f"patient-{number}" for number in range(n_cases))
        folds.append(
            FoldData(features, present, labels, Task.single("binary"), patients, train, val)
        )
    return folds


@pytest.fixture(scope="session")
def made_jobs(real_folds) -> Callable[..., list[NetworkJob]]:
    """A function that asks for heads which differ in everything that heads of a stack may."""

    def make(kind="paper", n_heads=4, epochs=3, patience=9, **fields) -> list[NetworkJob]:
        folds: Sequence[FoldData] = real_folds
        return [
            NetworkJob(
                f"{kind}-{number}",
                ARCHITECTURES[kind],
                data=folds[number % 3],
                seed=number,
                train=folds[number % 3].train[: 300 - 70 * number],
                val=folds[number % 3].val[: 100 - 5 * number],
                views=training_views(2, seed=0),
                loop=LoopOptions(epochs, patience, 64, 2e-3 * (1 + number), 1e-2 * number),
                dropout=0.1 * number,
                score="auroc" if kind == "paper" else "loss",
                **fields,
            )
            for number in range(n_heads)
        ]

    return make
