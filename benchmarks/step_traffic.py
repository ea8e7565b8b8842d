"""Count the bytes that one step of a stack moves, as operators of torch and as its compiler merges.

What an operator reads and writes is counted once each, so caches make it an upper bound. It runs on
a CPU and takes minutes of compiling; the numbers are of torch's version, not of the machine.
Example: python benchmarks/step_traffic.py --heads 4
"""

import argparse
import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from made_up_heads import LOOP, WIDTHS, jobs_for, made_up_folds
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.cohort import stacked_cohort
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.stacked.stack import Stack
from mmfeat.fusion.stacked.starting import start_stack
from mmfeat.fusion.training.network_jobs import Precision

N_SAID = 64
"""For so many heads the gigabytes are said, whatever number of them is run."""
N_OPERATORS = 8


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--heads", type=int, default=4)
    n_heads: int = parser.parse_args().heads
    precisions: tuple[Precision, ...] = ("float32", "bfloat16")
    for architecture in (PaperArchitecture(WIDTHS, 1), ResidualArchitecture(WIDTHS, 1)):
        for precision in precisions:
            share = N_SAID / n_heads / 1e9
            stack = started(architecture, precision, n_heads)
            with Traffic() as traffic:
                stack.step()
            merged = compiled_bytes(started(architecture, precision, n_heads))
            print(
                f"{type(architecture).__name__:<22} {precision:<9} {N_SAID} heads: "
                f"{sum(traffic.bytes.values()) * share:5.1f} GB a step in "
                f"{sum(traffic.calls.values())} operators, {merged * share:5.1f} GB compiled"
            )
            for name, n_bytes in traffic.bytes.most_common(N_OPERATORS):
                print(f"    {n_bytes * share:5.1f} GB in {traffic.calls[name]:3} {name}")


def started(architecture: Architecture, precision: Precision, n_heads: int) -> Stack:
    """Return a stack at the start of its first epoch."""
    folds = made_up_folds(2 * LOOP.batch_size)
    jobs = jobs_for(folds, architecture, n_heads, LOOP)
    of_jobs = tuple(dict.fromkeys(job.data for job in jobs))
    stack = start_stack(
        jobs, stacked_cohort(of_jobs, device="cpu", precision=precision), [None] * n_heads
    )
    stack.start_epoch([1] * n_heads)
    return stack


class Traffic(TorchDispatchMode):
    """Add up what operators read and write; those that only give another view move nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        function: torch._ops.OpOverload,
        types: Sequence[type],  # as torch calls it
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        result = function(*args, **(kwargs or {}))
        if not function.is_view:
            name = function._schema.name
            tensors = [
                one
                for one in tree_leaves((args, kwargs or {}, result))
                if isinstance(one, torch.Tensor)
            ]
            self.bytes[name] += sum(_n_bytes(one) for one in tensors)
            self.calls[name] += 1
        return result


def _n_bytes(tensor: torch.Tensor) -> int:
    """Return the bytes of what is really there: what is expanded is read once."""
    n_values = 1
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        n_values *= size if stride else 1
    return n_values * tensor.element_size()


def compiled_bytes(stack: Stack) -> int:
    """Return the bytes that the compiler counts of its own programs for a step."""
    from torch._inductor import compile_fx, metrics

    compile_fx.inductor_metrics_log.setLevel(logging.INFO)  # else it does not count
    compile_fx.inductor_metrics_log.propagate = False
    metrics.reset()
    with torch.compiler.config.patch(force_disable_caches=True):  # what is cached is not counted
        stack.compile()
        stack.step()
    return int(metrics.num_bytes_accessed)


if __name__ == "__main__":
    main()
