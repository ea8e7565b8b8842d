"""Train one head and put it in its place, in whichever process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.training.network_jobs import EpochRecord, NetworkJob
from mmfeat.fusion.training.running import fit_head
from mmfeat.provenance import fingerprint
from mmfeat.stages.evaluation_files import forget_evaluation
from mmfeat.stages.training.heads import write_head_folder
from mmfeat.stages.training.plan import HeadKey

UNFINISHED = "unfinished"
"""Folder of a run for the state of heads in training."""


@dataclass(frozen=True)
class HeadOrder:
    """Say which head is to be trained, how, and where it goes."""

    key: HeadKey
    identity: dict[str, Any]
    """Everything that its numbers come from."""
    options: FitOptions
    run: Path
    device: str
    uses_linear: bool
    """Whether it stands on the linear models of its fold."""

    @property
    def folder(self) -> Path:
        """Where the head goes."""
        return self.key.folder(self.run)

    @property
    def state_name(self) -> str:
        """Name of the head's state while it is trained; another identity has another."""
        return f"{self.key.name} {fingerprint(self.identity)[:16]}"


@dataclass(frozen=True)
class HeadEpoch:
    """Say how far a head in training is."""

    network: str
    """Which of its networks."""
    epoch: int
    most_epochs: int


@dataclass(frozen=True)
class HeadResult:
    """Say what became of a head."""

    key: HeadKey
    seconds: float
    validation: float | None = None
    """Mean loss on cases that the head was not fitted to; None where it is not known."""
    failure: str | None = None
    """Why there is no head, where there is none."""


def train_head(
    order: HeadOrder,
    data: FoldData,
    *,
    should_stop: Callable[[], bool],
    on_epoch: Callable[[HeadKey, HeadEpoch], None],
) -> HeadResult:
    """Train a head and write it, or say why it cannot be trained.

    Raises:
        Interrupted: ``should_stop`` said so; the state of its networks is kept.
    """
    started = time.perf_counter()

    def tell(job: NetworkJob, record: EpochRecord) -> None:
        network = job.name.rpartition("/")[2]
        on_epoch(order.key, HeadEpoch(network, int(record["epoch"]), job.loop.epochs))

    try:
        head = fit_head(
            get_method(order.key.method),
            data,
            seed=order.key.seed,
            options=order.options,
            device=order.device,
            should_stop=should_stop,
            name=order.state_name,
            on_epoch=tell,
            unfinished=order.run / UNFINISHED,
        )
    except TrainError as error:
        return HeadResult(order.key, time.perf_counter() - started, failure=str(error))
    seconds = time.perf_counter() - started
    made = {"device": order.device, "seconds": seconds}
    forget_evaluation(order.run)
    write_head_folder(head, order.folder, identity=order.identity, made=made)
    return HeadResult(order.key, seconds, head.validation)
