"""Where the workers of one machine run: each has a GPU, or a group of cores, of its own."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mmfeat.core_budget import CORES_VARIABLE, allotted_cores
from mmfeat.launching.local.gpus import VARIABLE, visible_gpus
from mmfeat.memory_budget import BYTES_VARIABLE, allotted_bytes

_CORES_OF_A_WORKER = 8


@dataclass(frozen=True)
class Place:
    """What one worker may use."""

    name: str
    """For people, such as `GPU 0`."""
    environment: dict[str, str]
    """Variables that say so to the worker and its libraries."""
    cpus: frozenset[int] | None = None
    """The cores that it is bound to; None: whichever are free."""


def places_of(device: str, processes: int | Literal["auto"]) -> tuple[Place, ...]:
    """Return a place for each worker that is to run at the same time.

    Cores and memory are divided among them. Workers without a GPU are bound to their cores, unless
    a quota allows fewer than there are: whoever shares the machine may be bound to the same ones.

    Args:
        device: What the settings say of the stage: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        processes: How many; `auto`: one for each GPU, or else for every eight cores.

    Raises:
        LaunchError: It cannot be found out which GPUs there are.
    """
    gpus = visible_gpus() if device in ("auto", "cuda") else ()
    cores = allotted_cores()
    if processes == "auto":
        by_cores = max(1, cores // _CORES_OF_A_WORKER) if device in ("auto", "cpu") else 1
        processes = len(gpus) or by_cores
    shares = {
        CORES_VARIABLE: str(max(1, cores // processes)),
        BYTES_VARIABLE: str(allotted_bytes() // processes),
    }
    if gpus:
        return tuple(
            Place(f"GPU {gpu}", {**shares, VARIABLE: gpu})
            for gpu in (gpus[number % len(gpus)] for number in range(processes))
        )
    groups = _core_groups(processes, cores)
    return tuple(
        Place(f"process {number}" if cpus is None else _cores_in_words(cpus), shares, cpus)
        for number, cpus in enumerate(groups)
    )


def _core_groups(n_groups: int, cores: int) -> Sequence[frozenset[int] | None]:
    """Cut the cores into neighbouring ones, which share caches and memory."""
    mine = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if n_groups == 1 or n_groups > len(mine) or cores < len(mine):
        return [None] * n_groups
    ends = [len(mine) * number // n_groups for number in range(n_groups + 1)]
    return [frozenset(mine[ends[n] : ends[n + 1]]) for n in range(n_groups)]


def _cores_in_words(cpus: frozenset[int]) -> str:
    first, last = min(cpus), max(cpus)
    return f"core {first}" if first == last else f"cores {first}-{last}"
