"""What the heads of a stack minimise, and what they are scored by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.stacked.architectures import Parameters, StackableArchitecture
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.hidden_units import HiddenUnits
from mmfeat.fusion.stacked.view_scores import scores_of_views
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import Score
from mmfeat.fusion.training.task_losses import mean_losses
from mmfeat.fusion.training.validation_loss import mean_over_views

CasesBetween = Callable[[int, int], StackedBatch]
"""Gives the validation cases of every head from a place among them up to another."""


@runtime_checkable
class Objective(Protocol):
    """A loss of a batch, and a verdict on the validation part."""

    @property
    def architecture(self) -> StackableArchitecture:
        """Return the network."""

    def losses(
        self,
        parameters: Parameters,
        batch: StackedBatch,
        hide: HiddenUnits | None,
        view_weights: Float[Tensor, "heads views"],
    ) -> Float[Tensor, " heads"]:
        """Return each head's loss of a batch."""

    def verdicts(
        self,
        parameters: Parameters,
        cases: CasesBetween,
        n_cases: int,
        n_at_once: int,
        view_weights: Float[Tensor, "heads views"],
    ) -> Float[Tensor, "two heads"]:
        """Judge the whole validation part: each head's score, and its loss."""


def outputs_of(
    architecture: StackableArchitecture,
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

    architecture: StackableArchitecture
    task: Task
    score: Score

    def losses(
        self,
        parameters: Parameters,
        batch: StackedBatch,
        hide: HiddenUnits | None,
        view_weights: Float[Tensor, "heads views"],
    ) -> Float[Tensor, " heads"]:
        """Return each head's loss of a batch."""
        logits = self._logits(parameters, batch, hide)
        return self._loss(logits, batch.labels, batch.weights, view_weights)

    def verdicts(
        self,
        parameters: Parameters,
        cases: CasesBetween,
        n_cases: int,
        n_at_once: int,
        view_weights: Float[Tensor, "heads views"],
    ) -> Float[Tensor, "two heads"]:
        """Return the mean AUROC of the views or the negative loss, and the mean loss."""
        logits, labels, counted = [], [], []
        for first in range(0, n_cases, n_at_once):
            batch = cases(first, min(first + n_at_once, n_cases))
            logits.append(self._logits(parameters, batch, None))
            labels.append(batch.labels)
            counted.append(batch.weights)
        of_all = torch.cat(logits, dim=2), torch.cat(labels, dim=1), torch.cat(counted, dim=2)
        losses = mean_over_views(self.task, of_all[0], of_all[1], of_all[2] > 0)
        if self.score == "auroc":
            scores = scores_of_views(of_all[0], of_all[1], of_all[2] > 0, self.task)
        else:
            scores = -self._loss(*of_all, view_weights)
        return torch.stack([scores, losses.to(scores.dtype)])

    def _logits(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Tensor:
        logits = outputs_of(self.architecture, parameters, batch, hide)
        return logits if batch.offsets is None else logits + batch.offsets

    def _loss(
        self, logits: Tensor, labels: Tensor, counted: Tensor, view_weights: Tensor
    ) -> Float[Tensor, " heads"]:
        return (mean_losses(self.task, logits, labels, counted) * view_weights).sum(1)
