"""The contrastive stage of the paper's training, many heads at once."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.stacked.architectures import Parameters, StackableArchitecture
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.hidden_units import HiddenUnits
from mmfeat.fusion.stacked.objective import CasesBetween, outputs_of
from mmfeat.fusion.stacked.pair_losses import agreements, balanced_weights, contrastive_losses
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels
from mmfeat.fusion.training.contrastive_stage import temperature_of
from mmfeat.fusion.training.job_objectives import CASES_CONTRASTED
from mmfeat.fusion.training.network_jobs import Contrast


@dataclass(frozen=True)
class ContrastiveObjective:
    """Bring views of cases with one label together."""

    architecture: StackableArchitecture
    task: Task
    contrast: Contrast

    def losses(
        self,
        parameters: Parameters,
        batch: StackedBatch,
        hide: HiddenUnits | None,
        view_weights: Float[Tensor, "heads views"],  # noqa: ARG002  # of a task; pairs have their own
    ) -> Float[Tensor, " heads"]:
        """Return each head's loss over all pairs of views of a batch."""
        projected = outputs_of(self.architecture, parameters, batch, hide)
        labels, kind = contrast_labels(self.task, batch.labels), contrast_kind(self.task)
        agreement = agreements(labels, kind)
        takes_part = batch.weights > 0
        of_pairs = None
        if self.contrast.balanced_pairs:
            # What fills up a batch takes part in no view, every other case in at least one.
            of_pairs = balanced_weights(labels, agreement, takes_part.any(1), kind)
        return contrastive_losses(
            projected,
            takes_part,
            agreement,
            temperature=temperature_of(parameters["log_temperature"], self.contrast),
            bias=parameters["bias"],
            weights=of_pairs,
        )

    def verdicts(
        self,
        parameters: Parameters,
        cases: CasesBetween,
        n_cases: int,
        n_at_once: int,  # noqa: ARG002  # pairs are of all cases
        view_weights: Float[Tensor, "heads views"],
    ) -> Float[Tensor, "two heads"]:
        """Judge by the loss of the first validation cases."""
        batch = cases(0, min(n_cases, CASES_CONTRASTED))
        losses = self.losses(parameters, batch, None, view_weights)
        return torch.stack([-losses, losses])
