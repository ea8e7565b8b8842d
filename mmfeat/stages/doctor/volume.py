"""Take one prepared scan through the network, in batches as an extraction does."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from mmfeat.encoders.contract import DeviceUsage, Encoder, Windows
from mmfeat.encoders.networks.network import resolve_device
from mmfeat.progress import Progress
from mmfeat.stages.doctor.peak_memory import PeakMemory
from mmfeat.stages.doctor.trial import StageCost, Trial, measured


@dataclass(frozen=True)
class VolumeAccount:
    """Say what one scan took from end to end."""

    trial: Trial
    """Up to the windows."""
    load_s: float
    """Time to build the network and load its weights, once in an extraction."""
    network: dict[str, StageCost]
    """``copy`` (to a GPU) and ``forward``."""
    batch_windows: int
    smallest_batch: int | None
    """Where the device's memory was too small for ``batch_windows``."""
    computed_bytes: int
    """Of all batches, filled up as they are."""
    device: str
    device_peak_bytes: int | None
    """The most that torch held on a GPU; None where the device is none."""
    finite: bool
    """Whether the feature has neither NaN nor infinity in it."""

    @property
    def stages(self) -> dict[str, StageCost]:
        """All stages in the order of the work."""
        return {**self.trial.stages, **self.network}

    @property
    def model_s_per_byte(self) -> float:
        """Time of the network for a byte of windows; copies overlap with it."""
        return self.network["forward"].seconds / self.computed_bytes

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "path": str(self.trial.path),
            "n_windows": self.trial.n_windows,
            "batch_windows": self.batch_windows,
            "smallest_batch": self.smallest_batch,
            "device": self.device,
            "load_s": self.load_s,
            "stages": {stage: asdict(cost) for stage, cost in self.stages.items()},
            "device_peak_bytes": self.device_peak_bytes,
            "memory_can_be_measured": PeakMemory().can_be_put_back,
        }


def embed_trial(
    trial: Trial,
    encoder: Encoder,
    *,
    device: str,
    batch_windows: int,
    load_s: float,
    progress: Progress,
) -> VolumeAccount:
    """Embed the windows of a trial, and take them away from it.

    On a GPU the first batch goes twice: what the first use of a network costs is not counted.

    Args:
        trial: Of a scan that could be prepared.
        encoder: Loaded.
        device: Where to, as in the settings.
        batch_windows: Windows that go through the network at once.
        load_s: How long loading took.
        progress: Is told of each batch.

    Raises:
        DeviceMemoryError: The device's memory is too small for a single window.
    """
    windows, trial.windows = trial.windows, None
    if windows is None:
        raise ValueError(f"{trial.path} has no windows")
    batches = list(_batches(windows, batch_windows))
    progress.start(f"{trial.path.name}: through the network", len(batches))
    where = resolve_device(device)
    if where.type == "cuda":
        encoder.encode(batches[0])
        torch.cuda.reset_peak_memory_stats(where)
    usage, costs, features = DeviceUsage(), dict[str, StageCost](), []
    with measured(costs, "forward", PeakMemory()) as cost:
        for batch in batches:
            features.append(encoder.encode(batch, usage))
            progress.advance()
    cost.n_bytes = sum(batch.nbytes for batch in batches)
    cost.seconds = usage.forward_s
    copied = StageCost(usage.copy_s, 0.0, usage.copied_bytes, 0)
    feature = encoder.pool(np.concatenate(features)[: len(windows)])
    return VolumeAccount(
        trial=trial,
        load_s=load_s,
        network={"copy": copied, **costs} if usage.copied_bytes else costs,
        batch_windows=batch_windows,
        smallest_batch=usage.smallest_batch,
        computed_bytes=cost.n_bytes,
        device=str(where),
        device_peak_bytes=torch.cuda.max_memory_allocated(where) if where.type == "cuda" else None,
        finite=bool(np.isfinite(feature).all()),
    )


def _batches(windows: Windows, size: int) -> Iterator[Windows]:
    """Cut windows into batches of one size; the last one is filled up with zeros."""
    for start in range(0, len(windows), size):
        batch = windows[start : start + size]
        if len(batch) < size:
            full = np.zeros((size, *windows.shape[1:]), np.float32)
            full[: len(batch)] = batch
            batch = full
        yield batch
