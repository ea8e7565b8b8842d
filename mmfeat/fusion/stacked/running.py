"""How the steps of an epoch are run: one by one, or as a CUDA graph that is replayed."""

from collections.abc import Sequence

import torch

from mmfeat.fusion.stacked.stack import Stack
from mmfeat.fusion.training.network_jobs import Running

_WARM_UPS = 3
"""Steps before the capture, in which libraries make their work space."""
_WORTH_ANOTHER_CAPTURE = 0.75
"""A captured step is captured anew when no larger share of its heads is left."""


class StepRunner:
    """Run a stack's epochs; after the stack has shrunk, call ``forget`` first."""

    def __init__(self, running: Running) -> None:
        self._is_captured = running == "graph"
        self._graph: torch.cuda.CUDAGraph | None = None

    def run_epoch(self, stack: Stack, epochs: Sequence[int]) -> None:
        """Run every step of each head's epoch."""
        if self._is_captured and self._graph is None:
            self._graph = _captured(stack)
        stack.start_epoch(epochs)
        for _ in range(stack.n_steps):
            if self._graph is None:
                stack.step()
            else:
                self._graph.replay()

    def may_shrink(self, n_left: int, n_heads: int) -> bool:
        """Say whether it pays to take the finished heads out of the stack."""
        share = _WORTH_ANOTHER_CAPTURE if self._is_captured else 1.0
        return n_left < n_heads and n_left <= share * n_heads

    def forget(self) -> None:
        """Let go of the captured step: its tensors are no longer the stack's."""
        self._graph = None


def _captured(stack: Stack) -> torch.cuda.CUDAGraph:
    """Capture one step. PyTorch asks for warm-up on another stream than the default one."""
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch has no types here
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(_WARM_UPS):
            stack.skip_step()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        stack.step()
    return graph
