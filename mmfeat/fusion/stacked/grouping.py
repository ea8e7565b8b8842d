"""Which jobs can share a stack, and how many of them at once."""

from collections.abc import Hashable, Iterator, Sequence

import torch

from mmfeat.fusion.stacked.architectures import RepresentingArchitecture, StackableArchitecture
from mmfeat.fusion.stacked.contrastive_architecture import ContrastiveArchitecture
from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.training.network_jobs import NetworkJob, StackOptions

_TENSORS_OF_A_STEP = 16
"""About so many tensors of the widest hidden layer are alive at the height of a step."""
_TENSORS_OF_WEIGHTS = 10
_SHARE_OF_FREE_MEMORY = 0.5
_SHARE_FOR_FOLDS = 0.2
"""Of the free memory: twice as much is needed while they are put there."""
_VALUES_ON_A_CPU = 2**21
"""On a CPU a stack pays while its widest layer holds no more values: smaller tensors spend their
time in calls, larger ones no longer fit the cache (6 heads of 6 thousand values each: 3 x faster
than one by one; 4 of a million: 1.2 x slower)."""


def can_be_stacked(job: NetworkJob) -> bool:
    """Say whether a network can be trained with others at once, or only alone.

    A stack has batches of one shape in every step, and its steps never ask what a number is.
    """
    architecture = job.architecture
    if isinstance(architecture, ContrastiveArchitecture):
        is_able = isinstance(architecture.within, RepresentingArchitecture)
    else:
        is_able = isinstance(architecture, StackableArchitecture) and job.contrast is None
    has_bank = job.contrast is not None and job.contrast.bank > 0
    return (
        is_able
        and not has_bank
        and not job.reads_sets
        and job.terms.extra is None
        and not job.data.task.has_cox
        and job.data.is_in_memory
    )


def stackable(job: NetworkJob) -> StackableArchitecture:
    """Return the architecture of a job that can be stacked.

    Raises:
        ValueError: It cannot be.
    """
    if not can_be_stacked(job) or not isinstance(job.architecture, StackableArchitecture):
        raise ValueError(f"`{job.name}` cannot be stacked: {job.architecture}")
    return job.architecture


def shape_of(job: NetworkJob) -> Hashable:
    """Return what must be equal for two jobs to share a stack."""
    terms = job.terms
    return (
        job.architecture,
        job.data.task,
        job.data.labels.shape,
        tuple(job.data.widths.items()),
        tuple(sorted(job.data.cell_dropout)),
        len(job.views),
        len(job.scored_views),
        job.loop.batch_size,
        job.draws_views,
        job.hides_cells,
        job.score,
        job.contrast,
        job.rules.averaging > 0,
        None if terms.offsets is None else len(terms.offsets),
        terms.sample_weights is None,
    )


def stacks_of(
    jobs: Sequence[NetworkJob], options: StackOptions, device: str
) -> Iterator[list[NetworkJob]]:
    """Yield the jobs in stacks of one shape, none larger than may be."""
    groups: dict[Hashable, list[NetworkJob]] = {}
    for job in jobs:
        groups.setdefault(shape_of(job), []).append(job)
    for group in (part for whole in groups.values() for part in _by_folds(whole, device)):
        most = options.heads_at_once or _as_many_as_fit(group[0], device)
        for first in range(0, len(group), most):
            yield group[first : first + most]


def _by_folds(jobs: Sequence[NetworkJob], device: str) -> Iterator[list[NetworkJob]]:
    """Part jobs so that the folds of a part, each with its own features, fit on a GPU at once."""
    if not device.startswith("cuda"):
        yield list(jobs)
        return
    free, _ = torch.cuda.mem_get_info(torch.device(device))
    most = max(
        1, int(_SHARE_FOR_FOLDS * free / (4 * jobs[0].data.present.shape[0] * _width(jobs[0])))
    )
    folds = list(dict.fromkeys(job.data for job in jobs))
    for first in range(0, len(folds), most):
        own = set(folds[first : first + most])
        yield [job for job in jobs if job.data in own]


def _width(job: NetworkJob) -> int:
    return sum(job.data.widths.values())


def _as_many_as_fit(job: NetworkJob, device: str) -> int:
    """Return how many heads fit in a GPU's memory, or how many are worth it on a CPU."""
    values = len(job.views) * job.loop.batch_size * stackable(job).widest_hidden
    if not device.startswith("cuda"):
        return max(1, _VALUES_ON_A_CPU // values)
    free, _ = torch.cuda.mem_get_info(torch.device(device))
    length = FlatLayout.of(job.architecture.build()).length
    of_head = 4 * (_TENSORS_OF_A_STEP * values + _TENSORS_OF_WEIGHTS * length)
    return max(1, int(_SHARE_OF_FREE_MEMORY * free / of_head))
