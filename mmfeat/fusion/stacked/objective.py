"""What the heads of a stack minimise, and what they are scored by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.stacked.architectures import Architecture, Parameters
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.head_numbers import TermWeights
from mmfeat.fusion.stacked.hidden_units import HiddenUnits
from mmfeat.fusion.stacked.view_losses import mean_losses_of_views
from mmfeat.fusion.stacked.view_scores import mean_auroc_of_views
from mmfeat.losses.task import Kind

CasesBetween = Callable[[int, int], StackedBatch]
"""Gives the validation cases of every head from a place among them up to another."""


@runtime_checkable
class Objective(Protocol):
    """A loss of a batch, and a score of the validation part."""

    @property
    def architecture(self) -> Architecture:
        """Return the network."""

    def losses(
        self,
        parameters: Parameters,
        batch: StackedBatch,
        hide: HiddenUnits | None,
        weights: TermWeights,
    ) -> Float[Tensor, " heads"]:
        """Return each head's loss of a batch."""

    def scores(
        self,
        parameters: Parameters,
        cases: CasesBetween,
        n_cases: int,
        n_at_once: int,
        weights: TermWeights,
    ) -> Float[Tensor, " heads"]:
        """Return each head's score of the whole validation part; higher is better."""


def outputs_of(
    architecture: Architecture,
    parameters: Parameters,
    batch: StackedBatch,
    hide: HiddenUnits | None,
) -> Float[Tensor, "heads views batch outputs"]:
    """Run the networks in the precision of the features; the outputs are in that of the labels."""
    precision = batch.features[0].dtype
    lowered = {name: values.to(precision) for name, values in parameters.items()}
    return architecture.outputs(lowered, batch, hide).to(batch.labels.dtype)


@dataclass(frozen=True)
class TaskObjective:
    """Supervise every view of a target: the loss is the weighted sum of the views' mean losses."""

    architecture: Architecture
    kind: Kind
    score: Literal["auroc", "loss"]

    def losses(
        self,
        parameters: Parameters,
        batch: StackedBatch,
        hide: HiddenUnits | None,
        weights: TermWeights,
    ) -> Float[Tensor, " heads"]:
        """Return each head's loss of a batch."""
        logits = self._logits(parameters, batch, hide)
        return self._loss(logits, batch.labels, batch.weights, weights)

    def scores(
        self,
        parameters: Parameters,
        cases: CasesBetween,
        n_cases: int,
        n_at_once: int,
        weights: TermWeights,
    ) -> Float[Tensor, " heads"]:
        """Return the mean AUROC of the views, or the negative loss."""
        logits, labels, counted = [], [], []
        for first in range(0, n_cases, n_at_once):
            batch = cases(first, min(first + n_at_once, n_cases))
            logits.append(self._logits(parameters, batch, None))
            labels.append(batch.labels)
            counted.append(batch.weights)
        of_all = torch.cat(logits, dim=2), torch.cat(labels, dim=1), torch.cat(counted, dim=2)
        if self.score == "auroc":
            return mean_auroc_of_views(of_all[0], of_all[1], of_all[2] > 0, self.kind)
        return -self._loss(*of_all, weights)

    def _logits(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Tensor:
        logits = outputs_of(self.architecture, parameters, batch, hide)
        return logits if batch.offsets is None else logits + batch.offsets

    def _loss(
        self, logits: Tensor, labels: Tensor, counted: Tensor, weights: TermWeights
    ) -> Float[Tensor, " heads"]:
        means = mean_losses_of_views(
            logits, labels, counted, self.kind, class_weights=weights.classes
        )
        return (means * weights.views).sum(1)
