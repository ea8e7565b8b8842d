"""Feed a GPU: the next batch is copied to it while the one before is computed."""

import threading
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.encoders.contract import DeviceUsage


class CudaFeed:
    """Run batches of several threads on one GPU: copies on one stream, computing on another.

    Each thread has a pinned buffer of the size of its batches, from which the copy runs without
    the processor.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._copying = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._computing = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._of_thread = threading.local()
        torch.cuda.synchronize(device)  # the weights are there before other streams use them

    def run(
        self,
        batch: NDArray[np.float32],
        forward: Callable[[Tensor], Tensor],
        turn: threading.Lock,
        usage: DeviceUsage,
    ) -> NDArray[np.float32]:
        """Return ``forward(batch)``; it is given to the GPU by one thread at a time.

        Raises:
            torch.OutOfMemoryError: The GPU's memory is too small for the batch.
        """
        staged = self._pinned(batch.shape)
        np.copyto(staged.numpy(), batch)
        copy_from, copied, begun, ended, returned = (
            torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            for _ in range(5)
        )
        with torch.cuda.stream(self._copying):
            copy_from.record()
            windows = staged.to(self._device, non_blocking=True)
            copied.record()
        with turn, torch.cuda.stream(self._computing):
            self._computing.wait_event(copied)
            windows.record_stream(self._computing)
            begun.record()
            features = forward(windows)
            ended.record()
            result = torch.empty(features.shape, dtype=features.dtype, pin_memory=True)
            result.copy_(features, non_blocking=True)
            returned.record()
        returned.synchronize()  # lets other threads run meanwhile
        usage.copy_s += copy_from.elapsed_time(copied) / 1000
        usage.copied_bytes += batch.nbytes
        usage.forward_s += begun.elapsed_time(ended) / 1000
        return np.array(result)

    def _pinned(self, shape: tuple[int, ...]) -> Tensor:
        buffer: Tensor | None = getattr(self._of_thread, "buffer", None)
        if buffer is None or buffer.shape != shape:
            buffer = torch.empty(shape, dtype=torch.float32, pin_memory=True)
            self._of_thread.buffer = buffer
        return buffer
