"""Run a frozen network on a device: numpy in, numpy out."""

import threading
import time
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mmfeat.encoders.contract import DeviceUsage
from mmfeat.encoders.networks.cuda_feed import CudaFeed
from mmfeat.errors import DeviceMemoryError, EncoderError, one_line

Precision = Literal["float32", "bfloat16"]


def resolve_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` is the first GPU, or else the CPU.

    Raises:
        EncoderError: The device is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.zeros(1, device=name).cpu()
    except (RuntimeError, AssertionError, ImportError) as error:
        # AssertionError: torch was built without CUDA. ImportError: a device of another package.
        raise EncoderError(
            f"device `{name}` cannot be used here ({one_line(error)}); try `auto` or `cpu`"
        ) from error
    return torch.device(name)


class FrozenNetwork:
    """Hold a network for inference only, on one device.

    It may be called from several threads at once: one batch is computed at a time, while the next
    is copied to the device. Where memory is too small for a batch, it goes in halves, here and in
    all later calls.

    Args:
        module: The network, with its weights.
        device: As in `resolve_device`.
        precision: ``bfloat16`` lets torch's autocast choose it operation by operation.
        live_statistics: The network changes its buffers when it runs; they are put back each time.
    """

    def __init__(
        self,
        module: nn.Module,
        device: str,
        *,
        precision: Precision = "float32",
        live_statistics: bool = False,
    ) -> None:
        self._device = resolve_device(device)
        self._module = module.to(self._device).eval().requires_grad_(False)
        self._mixed = precision == "bfloat16"
        live = list(self._module.buffers()) if live_statistics else []
        self._live = [(buffer, buffer.clone()) for buffer in live]
        self._lock = threading.Lock()
        self._most: int | None = None
        self._feed = CudaFeed(self._device) if self._device.type == "cuda" else None

    def __call__(
        self, batch: NDArray[np.float32], usage: DeviceUsage | None = None
    ) -> NDArray[np.float32]:
        """Return the network's output for a batch, float32.

        Raises:
            DeviceMemoryError: The device's memory is too small for a single window.
        """
        usage = DeviceUsage() if usage is None else usage
        parts: list[NDArray[np.float32]] = []
        start = 0
        while start < len(batch):
            part = batch[start : start + (self._most or len(batch))]
            features = self._run_if_it_fits(part, usage)
            if features is None:
                self._halve(len(part))
                continue
            parts.append(features)
            start += len(part)
        if self._most is not None and self._most < len(batch):
            usage.smallest_batch = self._most
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _run_if_it_fits(
        self, batch: NDArray[np.float32], usage: DeviceUsage
    ) -> NDArray[np.float32] | None:
        """Return the output, or None when memory was too small; what was computed is freed then."""
        try:
            if self._feed is not None:
                return self._feed.run(batch, self._forward, self._lock, usage)
            return self._run_in_turn(batch, usage)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            return None

    def _run_in_turn(self, batch: NDArray[np.float32], usage: DeviceUsage) -> NDArray[np.float32]:
        with self._lock:
            started = time.perf_counter()
            windows = torch.from_numpy(batch).to(self._device)
            copied = time.perf_counter()
            features = np.asarray(self._forward(windows).cpu().numpy())
            if self._device.type != "cpu":
                usage.copy_s += copied - started
                usage.copied_bytes += batch.nbytes
            usage.forward_s += time.perf_counter() - copied
        return features

    def _forward(self, windows: Tensor) -> Tensor:
        """Compute; under the lock, as the flags of torch's backends are the whole process's.

        TF32 is off: with it, features would depend on the GPU far beyond the documented tolerance.
        """
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(
                enabled=True, benchmark=False, deterministic=True, allow_tf32=False
            ),
            torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed),
        ):
            features: Tensor = self._module(windows).float()
            for buffer, before in self._live:
                buffer.copy_(before)
        return features

    def _halve(self, size: int) -> None:
        if size == 1:
            raise DeviceMemoryError(
                f"the memory of {self._device} is too small for one window of this encoder; free "
                "memory, or use another device"
            )
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        self._most = min(size // 2, self._most or size)


def is_out_of_memory(error: Exception) -> bool:
    """Say whether memory was the reason; of the CPU's, torch tells it only in words."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
