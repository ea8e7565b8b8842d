"""Made-up folds of a cohort, and heads to be trained on them."""

from collections.abc import Sequence

import numpy as np

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import LoopOptions, NetworkJob
from mmfeat.fusion.views import training_views

WIDTHS = 1408, 192
LOOP = LoopOptions(epochs=50, patience=50, batch_size=512, learning_rate=1e-3, weight_decay=1e-2)


def made_up_folds(n_cases: int, *, n_folds: int = 5, missing: float = 0.2) -> list[FoldData]:
    """Make up folds as a stage has them: each with its own scaling of the features."""
    random = np.random.default_rng(0)
    features = [random.standard_normal((n_cases, width), dtype=np.float32) for width in WIDTHS]
    present = random.random((n_cases, 2)) >= missing
    present[~present.any(axis=1), 0] = True
    signal = sum(values[:, :8].sum(axis=1) * 0.35 for values in features)
    labels = (random.random(n_cases) < 1 / (1 + np.exp(1.5 - signal))).astype(float)[:, None]
    part = random.permutation(np.arange(n_cases) % n_folds)
    patients = tuple(map(str, range(n_cases)))
    return [
        FoldData(
            {
                name: (values - values[part != fold][:1000].mean(axis=0))
                for name, values in zip(("ct", "clinical"), features, strict=True)
            },
            present,
            labels,
            Task.single("binary"),
            patients,
            np.flatnonzero((part != fold) & (part != (fold + 1) % n_folds)),
            np.flatnonzero(part == (fold + 1) % n_folds),
        )
        for fold in range(n_folds)
    ]


def jobs_for(
    folds: Sequence[FoldData], architecture: Architecture, n_heads: int, loop: LoopOptions
) -> list[NetworkJob]:
    """Heads of all folds in turn, each with its own seed."""
    views = training_views(2, seed=0)
    return [
        NetworkJob(
            f"head-{number}",
            architecture,
            folds[number % len(folds)],
            number // len(folds),
            folds[number % len(folds)].train,
            folds[number % len(folds)].val,
            views,
            loop,
            dropout=0.2,
            score="loss" if isinstance(architecture, ResidualArchitecture) else "auroc",
        )
        for number in range(n_heads)
    ]


LOOP = LoopOptions(epochs=50, patience=50, batch_size=512, learning_rate=1e-3, weight_decay=1e-2)
