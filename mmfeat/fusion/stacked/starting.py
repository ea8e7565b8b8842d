"""A stack ready to be trained: every head as it is built alone, or as it was left."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mmfeat.fusion.stacked.adamw import Moments
from mmfeat.fusion.stacked.cohort import StackedCohort
from mmfeat.fusion.stacked.contrastive_stack import ContrastiveObjective
from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.stacked.grouping import stackable
from mmfeat.fusion.stacked.head_numbers import head_numbers
from mmfeat.fusion.stacked.objective import Objective, TaskObjective
from mmfeat.fusion.stacked.stack import HeadWeights, Stack
from mmfeat.fusion.training.network_jobs import NetworkJob
from mmfeat.fusion.training.seeding import seeded

Saved = Mapping[str, Tensor]
"""One head's tensors, as `tensors_of_head` gave them."""


def start_stack(
    jobs: Sequence[NetworkJob],
    cohort: StackedCohort,
    saved: Sequence[Saved | None],
) -> Stack:
    """Build the networks of jobs of one shape, each from its own seed as if it were alone."""
    layout = FlatLayout.of(_built(jobs[0]))
    device, dtype = cohort.labels.device, cohort.labels.dtype
    averages = jobs[0].rules.averaging > 0
    heads = [
        _fresh(job, layout, averages=averages) if s is None else s
        for job, s in zip(jobs, saved, strict=True)
    ]
    stacked = {name: torch.stack([head[name] for head in heads]) for name in heads[0]}
    placed = {
        name: values.to(device, dtype if values.is_floating_point() else None)
        for name, values in stacked.items()
    }
    return Stack(
        jobs,
        HeadWeights(
            placed["rows"],
            placed["best"],
            Moments(placed["first"], placed["second"], placed["steps"]),
            placed.get("average"),
        ),
        head_numbers(jobs, cohort),
        cohort=cohort,
        layout=layout,
        objective=_objective(jobs[0], cohort),
    )


def _objective(job: NetworkJob, cohort: StackedCohort) -> Objective:
    """Return what jobs of one shape minimise."""
    architecture = stackable(job)
    if job.contrast is None:
        return TaskObjective(architecture, cohort.task, job.score)
    return ContrastiveObjective(architecture, cohort.task, job.contrast)


def tensors_of_head(stack: Stack, head: int) -> dict[str, Tensor]:
    """Return all that changes in the training of one head, on the CPU."""
    weights = stack.weights
    tensors = {
        "rows": weights.rows,
        "best": weights.best,
        "first": weights.moments.first,
        "second": weights.moments.second,
        "steps": weights.moments.steps,
        **({} if weights.average is None else {"average": weights.average}),
    }
    return {name: values[head].cpu() for name, values in tensors.items()}


def _built(job: NetworkJob) -> torch.nn.Module:
    with seeded(job.seed, "cpu"):
        network = job.architecture.build()
        if job.start is not None:
            network.load_state_dict(dict(job.start))
    return network


def _fresh(job: NetworkJob, layout: FlatLayout, *, averages: bool) -> dict[str, Tensor]:
    row = layout.row(dict(_built(job).named_parameters()))
    return {
        "rows": row,
        "best": row.clone(),
        "first": torch.zeros_like(row),
        "second": torch.zeros_like(row),
        "steps": torch.zeros((), dtype=torch.int64),
        **({"average": row.clone()} if averages else {}),
    }
