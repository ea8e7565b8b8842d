"""Where heads are trained, and on how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from mmfeat.core_budget import allotted_cores
from mmfeat.errors import TrainError

_CASES_FOR_MORE_THREADS = 4096
_HEADS_FOR_PROCESSES = 4
"""So many heads keep the cores of a machine busy with a thread each."""


def training_device(name: str) -> str:
    """Turn the setting into a device that is there.

    Raises:
        TrainError: The device is not there.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda"):
        _, _, number = name.partition(":")
        if int(number or 0) >= torch.cuda.device_count():
            raise TrainError(
                f"train.device: `{name}` is not there ({torch.cuda.device_count()} CUDA devices "
                "are); use `auto` or `cpu`"
            )
    if name == "mps" and not torch.backends.mps.is_available():
        raise TrainError("train.device: `mps` is not there; use `auto` or `cpu`")
    return name


def most_processes(device: str, *, n_cases: int, n_heads: int, workers: int | None) -> int:
    """Return how many processes may train heads at the same time.

    Args:
        device: Where networks are trained.
        n_cases: Cases of the cohort.
        n_heads: Heads of the plan.
        workers: What the settings say.
    """
    if device != "cpu" or not uses_one_thread(n_cases, n_heads):
        return 1
    return min(allotted_cores() if workers is None else workers, n_heads)


def uses_one_thread(n_cases: int, n_heads: int) -> bool:
    """Say whether each head is trained on one thread: all but a few heads of a large cohort.

    It is decided by the cohort and the plan alone, never by the machine or by how many processes
    there are, so that these do not change the numbers. For small cohorts more threads cost more
    than they bring; many heads use the cores better as processes.
    """
    return n_cases < _CASES_FOR_MORE_THREADS or n_heads >= _HEADS_FOR_PROCESSES


@contextmanager
def few_threads(n_cases: int, n_heads: int = 1) -> Iterator[None]:
    """Work on one thread where `uses_one_thread` says so."""
    if not uses_one_thread(n_cases, n_heads):
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        torch.set_num_threads(before)
