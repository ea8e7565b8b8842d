"""What a network alone minimises, and how the validation part is scored."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmfeat.fusion.task import Task
from mmfeat.fusion.training.banked_contrast import BankedContrast
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels
from mmfeat.fusion.training.contrastive_stage import contrast_loss
from mmfeat.fusion.training.epochs import Verdict
from mmfeat.fusion.training.network_jobs import Contrast, NetworkJob
from mmfeat.fusion.training.task_losses import mean_losses
from mmfeat.fusion.training.validation_loss import mean_over_views
from mmfeat.fusion.training.view_scores import score_of_views
from mmfeat.fusion.training.viewed_cases import ViewedCases
from mmfeat.fusion.views import sample_views

_CASES_AT_ONCE = 4096
CASES_CONTRASTED = 2048
"""Pairs grow with the square of the cases: the score of the contrastive stage is of the first so
many."""


@runtime_checkable
class JobObjective(Protocol):
    """A loss of a batch, and a verdict on the validation part."""

    def loss(
        self, network: nn.Module, cases: ViewedCases, generator: torch.Generator
    ) -> Float[Tensor, ""]:
        """Return the loss of a batch."""

    def verdict(self, network: nn.Module, cases: ViewedCases) -> Verdict:
        """Judge a network in evaluation mode, without gradients."""

    def state(self) -> dict[str, Tensor]:
        """Return what it remembers from one step to the next, on the CPU."""

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what ``state`` returned."""


def objective_of(job: NetworkJob, device: str) -> JobObjective:
    """Return what a job's network minimises."""
    if job.contrast is not None:
        task, contrast = job.data.task, job.contrast
        bank = None
        if contrast.bank:
            bank = BankedContrast(task, contrast, n_views=len(job.views), device=device)
        return ContrastObjective(task, contrast, bank)
    given = job.terms.view_weights
    of_views = np.ones(len(job.views)) if given is None else given
    return TaskObjective(job, torch.from_numpy(of_views).float().to(device))


@dataclass(frozen=True)
class TaskObjective:
    """Supervise every view of a target: the loss is the weighted sum of the views' mean losses.

    Shape:
        - ``view_weights``: ``(views,)``.
    """

    job: NetworkJob
    view_weights: Tensor

    def loss(
        self, network: nn.Module, cases: ViewedCases, generator: torch.Generator
    ) -> Float[Tensor, ""]:
        """Return the loss of a batch."""
        if self.job.hides_cells:
            cases = cases.with_gaps()
        logits = self._logits(network, cases, generator if self.job.draws_views else None)
        weights = cases.weights()
        losses = mean_losses(self.job.data.task, logits, cases.labels, weights)
        total = (losses * self.view_weights).sum()
        if self.job.terms.extra is not None:
            total = total + self.job.terms.extra(logits, cases.labels, weights, self.job.data.task)
        return total

    def verdict(self, network: nn.Module, cases: ViewedCases) -> Verdict:
        """Return the mean AUROC of the views or the negative loss, and the mean loss."""
        everything = torch.arange(len(cases), device=cases.labels.device)
        parts = cases.batches(everything, _CASES_AT_ONCE)
        logits = torch.cat([self._logits(network, part, None) for part in parts], dim=1)
        task, counted = self.job.data.task, cases.takes_part
        if not bool(logits.isfinite().all()):
            return Verdict(math.nan, math.nan)
        validation = float(mean_over_views(task, logits, cases.labels, counted))
        if self.job.score == "loss":
            return Verdict(-self._weighted_loss(logits, cases), validation)
        view, row, _ = cases.pairs()
        score = score_of_views(
            logits[view, row].double().cpu().numpy(),
            cases.labels[row].double().cpu().numpy(),
            view.cpu().numpy(),
            task,
        )
        return Verdict(score, validation)

    def state(self) -> dict[str, Tensor]:
        """Return nothing: every step is on its own."""
        return {}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Do nothing: every step is on its own."""

    def _weighted_loss(self, logits: Tensor, cases: ViewedCases) -> float:
        counted = cases.takes_part.to(logits.dtype)
        losses = mean_losses(self.job.data.task, logits, cases.labels, counted)
        return float(
            (losses if self.job.val_views is not None else losses * self.view_weights).sum()
        )

    def _logits(
        self, network: nn.Module, cases: ViewedCases, draw_with: torch.Generator | None
    ) -> Float[Tensor, "views batch outputs"]:
        _, row, visible = cases.pairs()
        if draw_with is not None:
            visible = sample_views(visible, draw_with)
        logits = cases.spread(network(cases.features, row, visible))
        return logits if cases.offsets is None else logits + cases.offsets


@dataclass(frozen=True)
class ContrastObjective:
    """Bring views of cases with one label together."""

    task: Task
    contrast: Contrast
    bank: BankedContrast | None = None
    """Where batches are compared with earlier ones too; the score is of the cases alone."""

    def loss(
        self,
        network: nn.Module,
        cases: ViewedCases,
        generator: torch.Generator,  # noqa: ARG002 - every view is compared
    ) -> Float[Tensor, ""]:
        """Return the loss over all pairs of views of a batch."""
        if self.bank is not None and network.training:
            return self.bank.loss(network, cases)
        _, row, visible = cases.pairs()
        return contrast_loss(
            network,
            cases.spread(network(cases.features, row, visible)),
            cases.takes_part,
            contrast_labels(self.task, cases.labels),
            kind=contrast_kind(self.task),
            contrast=self.contrast,
        )

    def verdict(self, network: nn.Module, cases: ViewedCases) -> Verdict:
        """Judge by the loss of the first cases."""
        some = torch.arange(min(len(cases), CASES_CONTRASTED), device=cases.labels.device)
        loss = float(self.loss(network, cases.part(some), torch.Generator()))
        return Verdict(-loss, loss)

    def state(self) -> dict[str, Tensor]:
        """Return the bank, where there is one."""
        return {} if self.bank is None else self.bank.state()

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on with the bank that ``state`` returned."""
        if self.bank is not None:
            self.bank.restore(tensors)
