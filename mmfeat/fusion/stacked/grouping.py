"""Which jobs can share a stack, and how many of them at once."""

from collections.abc import Hashable, Iterator, Sequence

import torch

from mmfeat.fusion.network_jobs import NetworkJob, StackOptions
from mmfeat.fusion.stacked.flat_parameters import FlatLayout

_TENSORS_OF_A_STEP = 16
"""About so many tensors of the widest hidden layer are alive at the height of a step."""
_TENSORS_OF_WEIGHTS = 10
_SHARE_OF_FREE_MEMORY = 0.7
_VALUES_ON_A_CPU = 2**21
"""On a CPU a stack pays while its widest layer holds no more values: smaller tensors spend their
time in calls, larger ones no longer fit the cache (6 heads of 6 thousand values each: 3 x faster
than one by one; 4 of a million: 1.2 x slower)."""


def shape_of(job: NetworkJob) -> Hashable:
    """Return what must be equal for two jobs to share a stack."""
    terms = job.terms
    return (
        job.architecture,
        len(job.views),
        len(job.views if job.val_views is None else job.val_views),
        job.loop.batch_size,
        job.draws_views,
        job.hides_cells,
        job.score,
        job.contrast,
        job.rules.averaging > 0,
        terms.offsets is None,
        terms.sample_weights is None,
        terms.class_weights is None,
    )


def stacks_of(
    jobs: Sequence[NetworkJob], options: StackOptions, device: str
) -> Iterator[list[NetworkJob]]:
    """Yield the jobs in stacks of one shape, none larger than may be."""
    groups: dict[Hashable, list[NetworkJob]] = {}
    for job in jobs:
        groups.setdefault(shape_of(job), []).append(job)
    for group in groups.values():
        most = options.heads_at_once or _as_many_as_fit(group[0], device)
        for first in range(0, len(group), most):
            yield group[first : first + most]


def _as_many_as_fit(job: NetworkJob, device: str) -> int:
    """Return how many heads fit in a GPU's memory, or how many are worth it on a CPU."""
    values = len(job.views) * job.loop.batch_size * job.architecture.widest_hidden
    if not device.startswith("cuda"):
        return max(1, _VALUES_ON_A_CPU // values)
    free, _ = torch.cuda.mem_get_info(torch.device(device))
    length = FlatLayout.of(job.architecture.build()).length
    of_head = 4 * (_TENSORS_OF_A_STEP * values + _TENSORS_OF_WEIGHTS * length)
    return max(1, int(_SHARE_OF_FREE_MEMORY * free / of_head))
