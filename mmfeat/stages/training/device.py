"""Where heads are trained, and on how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from mmfeat.errors import TrainError

_CASES_FOR_MORE_THREADS = 4096


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


@contextmanager
def few_threads(n_cases: int) -> Iterator[None]:
    """Train small cohorts on one thread: for them, more threads cost more than they bring.

    It is decided by the number of cases alone, so that the same cohort gives the same numbers.
    """
    if n_cases >= _CASES_FOR_MORE_THREADS:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        torch.set_num_threads(before)
