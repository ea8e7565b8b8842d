"""Train the networks that add to an anchor, and decide for each view how much is believed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.anchor import Anchor
from mmfeat.fusion.contract import FitOptions, FoldData, Kind
from mmfeat.fusion.fitting import EpochRecord, LoopOptions, fit_network, seeded
from mmfeat.fusion.modality_sets import FEWEST_CASES, Members, members_in
from mmfeat.fusion.probabilities import log_losses
from mmfeat.fusion.residual_network import ResidualNetwork
from mmfeat.fusion.unimodal import UnimodalModels
from mmfeat.fusion.viewed_cases import ViewedCases, mean_over_each_view, viewed_cases
from mmfeat.losses.task import label_losses

Array = NDArray[np.float64]

SHARES = np.linspace(0.0, 1.5, 31)
"""Candidates for how much of the residual is added."""
LEAST_GAIN = 0.001
"""A residual that lowers the log loss by less than this is left out."""


@dataclass(frozen=True)
class Residual:
    """Hold one network for each inner fold, and the share of their mean that each set gets."""

    networks: tuple[ResidualNetwork, ...]
    shares: dict[Members, float]
    history: list[EpochRecord]


@dataclass(frozen=True)
class _Task:
    """Hold cases and the anchor's logits of them: ``(views, cases, outputs)``."""

    cases: ViewedCases
    anchored: Tensor
    kind: Kind

    def part(self, rows: Tensor) -> "_Task":
        return _Task(self.cases.part(rows), self.anchored[:, rows], self.kind)

    def loss(self, network: ResidualNetwork) -> Tensor:
        """Return the sum over the views of their mean loss."""
        view, row, visible = self.cases.pairs()
        logits = self.anchored[view, row] + network(self.cases.features, row, visible)
        labels = self.cases.labels[row]
        losses = label_losses(logits, labels, self.kind)
        return mean_over_each_view(losses, labels, view, len(self.anchored)).sum()


def fit_residual(
    data: FoldData,
    single: UnimodalModels,
    anchor: Anchor,
    views: NDArray[np.bool_],
    *,
    seed: int,
    options: FitOptions,
    device: str,
    should_stop: Callable[[], bool],
) -> Residual:
    """Train one network for each inner fold, stopped early on the patients of that fold."""
    cases = viewed_cases(data, single.rows, views, device)
    anchored = _anchored(anchor, single, cases)
    task = _Task(cases, torch.from_numpy(anchored.astype(np.float32)).to(device), data.kind)
    residuals = np.zeros_like(anchored)
    loop = LoopOptions(
        **{name: getattr(options, name) for name in LoopOptions.__dataclass_fields__}
    )
    networks: list[ResidualNetwork] = []
    history: list[EpochRecord] = []
    for fold in np.unique(single.folds):
        held_out = torch.from_numpy(np.flatnonzero(single.folds == fold)).to(device)
        fit_on = torch.from_numpy(np.flatnonzero(single.folds != fold)).to(device)
        network, records = _fit_one(
            task.part(fit_on),
            task.part(held_out),
            data,
            seed=seed * 1000 + int(fold),
            dropout=options.dropout,
            loop=loop,
            device=device,
            should_stop=should_stop,
        )
        history += [{"inner_fold": int(fold), **record} for record in records]
        residuals[:, held_out.cpu().numpy()] = _residuals(
            network, cases.part(held_out), data.n_outputs
        )
        networks.append(network.cpu())
    shares = _choose_shares(anchored, residuals, data, single, views)
    return Residual(tuple(networks), shares, history)


def _fit_one(
    train: _Task,
    held_out: _Task,
    data: FoldData,
    *,
    seed: int,
    dropout: float,
    loop: LoopOptions,
    device: str,
    should_stop: Callable[[], bool],
) -> tuple[ResidualNetwork, list[EpochRecord]]:
    widths = [values.shape[1] for values in data.features.values()]
    with seeded(seed, device) as generator:
        network = ResidualNetwork(widths, n_outputs=data.n_outputs, dropout=dropout).to(device)
        history = fit_network(
            network,
            n_rows=len(train.cases),
            loss_on=lambda rows: train.part(rows).loss(network),
            score=lambda: -float(held_out.loss(network)),
            options=loop,
            generator=generator,
            should_stop=should_stop,
            start_competes=True,
        )
    return network, history


def _anchored(anchor: Anchor, single: UnimodalModels, cases: ViewedCases) -> Array:
    """Return the anchor's out-of-fold logits of every view: ``(views, cases, outputs)``."""
    visible = cases.visible.cpu().numpy()
    of_modalities = np.nan_to_num(single.out_of_fold)
    return np.stack([anchor.combine(of_modalities, seen) for seen in visible])


@torch.no_grad()
def _residuals(network: ResidualNetwork, cases: ViewedCases, n_outputs: int) -> Array:
    view, row, visible = cases.pairs()
    residuals = torch.zeros(*cases.takes_part.shape, n_outputs, device=visible.device)
    residuals[view, row] = network(cases.features, row, visible)
    return residuals.double().cpu().numpy()


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
                anchored[number, complete], residuals[number, complete], labels[complete], data.kind
            )
    return shares


def choose_share(anchored: Array, residuals: Array, labels: Array, kind: Kind) -> float:
    """Return how much of a residual to add, or 0 unless that clearly helps.

    It must lower the mean log loss by more than 0.001 and by more than one standard error of the
    difference: the residuals come from networks that were stopped early on these very cases, so a
    small gain may be luck.

    Shape:
        - ``anchored``, ``residuals``: ``(cases, outputs)``, logits; ``labels``: ``(cases,
          columns)``.
    """
    before = log_losses(anchored, labels, kind)
    gains = [before - log_losses(anchored + share * residuals, labels, kind) for share in SHARES]
    best = int(np.argmax([np.nanmean(gain) for gain in gains]))
    of_cases = np.nanmean(gains[best][~np.isnan(labels).all(axis=1)], axis=1)
    clear = max(LEAST_GAIN, float(np.std(of_cases)) / np.sqrt(len(of_cases)))
    return float(SHARES[best]) if np.nanmean(gains[best]) > clear else 0.0
