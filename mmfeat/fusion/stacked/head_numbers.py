"""What tells the heads of a stack apart, as tensors on the device."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from mmfeat.fusion.stacked.adamw import StepSizes
from mmfeat.fusion.stacked.cohort import StackedCohort
from mmfeat.fusion.stacked.counters import combined
from mmfeat.fusion.stacked.head_cases import HeadCases, head_cases
from mmfeat.fusion.stacked.hidden_units import dropped_levels
from mmfeat.fusion.training.network_jobs import NetworkJob


@dataclass(frozen=True)
class PartOfHeads:
    """Hold the training or the validation part of every head.

    Shape:
        - ``rows``: ``(heads, most rows)``, filled up with row 0; ``n_rows``: ``(heads,)``.
        - ``weights``: ``(heads, views)``, how much each view counts in the loss.
    """

    rows: Int[Tensor, "heads most"]
    n_rows: Int[Tensor, " heads"]
    cases: HeadCases
    weights: Float[Tensor, "heads views"]


@dataclass(frozen=True)
class HeadNumbers:
    """Hold each head's constants: ``(heads,)``, or with the heads as the first axis."""

    seeds: Int[Tensor, " heads"]
    n_dropped_levels: Int[Tensor, " heads"]
    averaging: Float[Tensor, " heads"]
    sizes: StepSizes
    train: PartOfHeads
    val: PartOfHeads


def head_numbers(jobs: Sequence[NetworkJob], cohort: StackedCohort) -> HeadNumbers:
    """Put what the jobs ask for on the device of the cohort."""
    device, dtype = cohort.labels.device, cohort.labels.dtype
    # Hashed once, so that neighbouring seeds have nothing in common.
    seeds = combined(torch.tensor([job.seed for job in jobs], device=device), 0)
    return HeadNumbers(
        seeds,
        torch.tensor(
            [dropped_levels(job.dropout) for job in jobs], dtype=torch.int16, device=device
        ),
        torch.tensor([job.rules.averaging for job in jobs], dtype=dtype, device=device),
        _step_sizes(jobs, device),
        _part(jobs, cohort, is_train=True),
        _part(jobs, cohort, is_train=False),
    )


def _step_sizes(jobs: Sequence[NetworkJob], device: torch.device) -> StepSizes:
    def of_heads(numbers: Sequence[float] | Sequence[int]) -> Tensor:
        return torch.tensor(numbers, dtype=torch.float64, device=device)

    return StepSizes(
        of_heads([job.loop.learning_rate for job in jobs]),
        of_heads([job.loop.weight_decay for job in jobs]),
        of_heads([job.rules.largest_norm for job in jobs]),
        of_heads([job.rules.warmup_epochs * job.steps_per_epoch for job in jobs]),
        torch.tensor([job.rules.cosine for job in jobs], device=device),
        of_heads([job.loop.epochs * job.steps_per_epoch for job in jobs]),
    )


def _part(jobs: Sequence[NetworkJob], cohort: StackedCohort, *, is_train: bool) -> PartOfHeads:
    """Lay the rows of heads side by side, those of training filled up to whole batches."""
    device = cohort.labels.device
    rows = [job.train if is_train else job.val for job in jobs]
    whole = jobs[0].loop.batch_size if is_train else 1
    most = -(-max(map(len, rows)) // whole) * whole
    padded = np.zeros((len(rows), most), dtype=np.int64)
    for number, of_head in enumerate(rows):
        padded[number, : len(of_head)] = of_head
    return PartOfHeads(
        torch.from_numpy(padded).to(device),
        torch.tensor([len(of_head) for of_head in rows], device=device),
        head_cases(jobs, cohort, is_train=is_train),
        _weights(jobs, cohort, is_train=is_train),
    )


def _weights(
    jobs: Sequence[NetworkJob], cohort: StackedCohort, *, is_train: bool
) -> Float[Tensor, "heads views"]:
    views = []
    for job in jobs:
        # Weights are of the supervised views; where others are scored, these count alike.
        own = job.terms.view_weights if is_train or job.val_views is None else None
        n_views = len(job.views if is_train else job.scored_views)
        views.append(np.ones(n_views) if own is None else own)
    return torch.from_numpy(np.stack(views)).to(cohort.labels)
