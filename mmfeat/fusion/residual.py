"""The networks that add to an anchor, and the decision for each view how much is believed."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.linear_models.anchor import Anchor, out_of_fold_logits
from mmfeat.fusion.linear_models.unimodal import UnimodalModels
from mmfeat.fusion.modality_sets import FEWEST_CASES, Members, members_in
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.probabilities import log_losses, to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import (
    EpochRecord,
    ExtraLoss,
    LossTerms,
    NetworkJob,
    TrainedNetwork,
)
from mmfeat.fusion.training.validation_loss import mean_over_views
from mmfeat.fusion.training.viewed_cases import ViewedCases, viewed_cases
from mmfeat.fusion.unseen import UnseenAnswers

Array = NDArray[np.float64]

SHARES = np.linspace(0.0, 1.5, 31)
"""Candidates for how much of the residual is added."""
LEAST_GAIN = 0.001
"""A residual that lowers the log loss by less than this is left out."""
_CASES_AT_ONCE = 4096


@dataclass(frozen=True)
class Residual:
    """Hold one network for each inner fold, and the share of their mean that each set gets."""

    networks: tuple[nn.Module, ...]
    shares: dict[Members, float]
    history: list[EpochRecord]
    validation: float
    """Mean over the views of the loss of cases that neither anchor nor network was fitted to."""
    unseen: UnseenAnswers


@dataclass(frozen=True)
class ResidualDesign:
    """Say which networks add to the anchor, and what else they are trained on."""

    architecture: Architecture
    reads_sets: bool = False
    extra: ExtraLoss | None = None


def residual_course(
    data: FoldData,
    single: UnimodalModels,
    anchor: Anchor,
    views: NDArray[np.bool_],
    design: ResidualDesign,
    *,
    seed: int,
    options: FitOptions,
) -> Generator[Sequence[NetworkJob], Sequence[TrainedNetwork], Residual]:
    """Ask for one network for each inner fold, stopped early on the patients of that fold."""
    cases = viewed_cases(data, single.rows, views, "cpu", reads_sets=design.reads_sets)
    anchored = out_of_fold_logits(anchor, data, single, cases.visible.numpy())
    offsets = np.zeros((len(views), len(data.labels), data.n_outputs))
    offsets[:, single.rows] = anchored
    inner = np.unique(single.folds)
    trained = yield [
        NetworkJob(
            f"inner-{fold}",
            design.architecture,
            data,
            seed * 1000 + int(fold),
            single.rows[single.folds != fold],
            single.rows[single.folds == fold],
            views,
            options.loop(),
            options.dropout,
            reads_sets=design.reads_sets,
            score="loss",
            start_competes=True,
            terms=LossTerms(offsets=offsets, extra=design.extra),
            rules=options.rules(),
        )
        for fold in inner
    ]
    networks = tuple(one.network() for one in trained)
    residuals = np.zeros_like(anchored)
    for fold, network in zip(inner, networks, strict=True):
        held_out = np.flatnonzero(single.folds == fold)
        residuals[:, held_out] = _residuals(network, cases, torch.from_numpy(held_out))
    shares = _choose_shares(anchored, residuals, data, single, views)
    logits = anchored + _shares_of(views, shares)[:, None, None] * residuals
    return Residual(
        networks,
        shares,
        [
            {"inner_fold": int(fold), **record}
            for fold, one in zip(inner, trained, strict=True)
            for record in one.history
        ],
        float(
            mean_over_views(
                data.task, torch.from_numpy(logits), cases.labels.double(), cases.takes_part
            )
        ),
        UnseenAnswers.of_learnt(
            data,
            single.rows,
            {
                members_in(view): np.where(part[:, None], to_answers(of_view, data.task), np.nan)
                for view, of_view, part in zip(views, logits, cases.takes_part.numpy(), strict=True)
            },
        ),
    )


@torch.inference_mode()
def _residuals(network: nn.Module, cases: ViewedCases, rows: Tensor) -> Array:
    """Return what a network adds to some cases in every view: ``(views, rows, outputs)``."""
    of_parts = []
    for part in cases.batches(rows, _CASES_AT_ONCE):
        _, row, visible = part.pairs()
        of_parts.append(part.spread(network(part.features, row, visible)))
    return torch.cat(of_parts, dim=1).double().numpy()


def _shares_of(views: NDArray[np.bool_], shares: Mapping[Members, float]) -> Array:
    return np.array([shares.get(members_in(view), 0.0) for view in views])


def _choose_shares(
    anchored: Array,
    residuals: Array,
    data: FoldData,
    single: UnimodalModels,
    views: NDArray[np.bool_],
) -> dict[Members, float]:
    present, labels = data.present[single.rows], data.labels[single.rows]
    shares = {}
    for number, view in enumerate(views):
        complete = present[:, view].all(axis=1)
        if complete.sum() >= FEWEST_CASES:
            shares[members_in(view)] = choose_share(
                anchored[number, complete], residuals[number, complete], labels[complete], data.task
            )
    return shares


def choose_share(anchored: Array, residuals: Array, labels: Array, task: Task) -> float:
    """Return how much of a residual to add, or 0 unless that clearly helps.

    It must lower the mean log loss by more than 0.001 and by more than one standard error of the
    difference: the residuals come from networks that were stopped early on these very cases, so a
    small gain may be luck.

    Shape:
        - ``anchored``, ``residuals``: ``(cases, outputs)``, logits; ``labels``: ``(cases,
          columns)``.
    """
    before = log_losses(anchored, labels, task)
    gains = [before - log_losses(anchored + share * residuals, labels, task) for share in SHARES]
    best = int(np.argmax([np.nanmean(gain) for gain in gains]))
    of_cases = np.nanmean(gains[best][~np.isnan(labels).all(axis=1)], axis=1)
    clear = max(LEAST_GAIN, float(np.std(of_cases)) / np.sqrt(len(of_cases)))
    return float(SHARES[best]) if np.nanmean(gains[best]) > clear else 0.0
