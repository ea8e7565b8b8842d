"""Train many heads at once: milliseconds of a step, alone and stacked; a whole cross-validation.

On a GPU everything is timed; on a CPU a small setting of the same.
Example: python benchmarks/heads.py --only equal step cross-validation
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.cohort import StackedCohort, stacked_cohort
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.stacked.running import StepRunner
from mmfeat.fusion.stacked.starting import start_stack
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.network_jobs import (
    LoopOptions,
    NetworkJob,
    Precision,
    Running,
    StackOptions,
    TrainedNetwork,
)
from mmfeat.fusion.training.running import never
from mmfeat.fusion.views import training_views

WIDTHS = 1408, 192
SECTIONS = "equal", "alone", "step", "cross-validation"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--cases", type=int, help="25,000 on a GPU, 3,000 on a CPU")
    parser.add_argument("--heads", type=int, help="of the large stack: 64 on a GPU, 4 on a CPU")
    parser.add_argument("--epochs", type=int, help="of the cross-validation: 50 or 2")
    chosen = parser.parse_args()
    on_gpu = chosen.device.startswith("cuda")
    n_cases = chosen.cases or (25_000 if on_gpu else 3_000)
    n_heads = chosen.heads or (64 if on_gpu else 4)
    epochs = chosen.epochs or (50 if on_gpu else 2)
    name = torch.cuda.get_device_name() if on_gpu else f"CPU, {torch.get_num_threads()} threads"
    say(f"torch {torch.__version__}, {name}; {n_cases:,} cases x {WIDTHS}, batch 512, three views")
    started = time.perf_counter()
    folds = made_up_folds(n_cases)
    say(f"made up in {time.perf_counter() - started:.1f} s")
    for section in chosen.only:
        started = time.perf_counter()
        say(f"\n== {section}")
        if section == "equal":
            stacked_is_alone(chosen.device)
        elif section == "alone":
            epochs_of_the_loop_of_one(folds, chosen.device)
        elif section == "step":
            steps_of_stacks(folds, chosen.device, n_heads)
        else:
            for precision in ("float32", "tf32", "bfloat16") if on_gpu else ("float32",):
                cross_validation(folds, chosen.device, epochs, precision)
        say(f"   ({section}: {time.perf_counter() - started:.0f} s)")


def made_up_folds(n_cases: int, *, n_folds: int = 5, missing: float = 0.2) -> list[FoldData]:
    """Make up folds as a stage has them: each with its own scaling of the features."""
    random = np.random.default_rng(0)
    features = [random.standard_normal((n_cases, width), dtype=np.float32) for width in WIDTHS]
    present = random.random((n_cases, 2)) >= missing
    present[~present.any(axis=1), 0] = True
    signal = sum(values[:, :8].sum(axis=1) * 0.35 for values in features)
    labels = (random.random(n_cases) < 1 / (1 + np.exp(1.5 - signal))).astype(float)[:, None]
    part = random.permutation(np.arange(n_cases) % n_folds)
    patients = tuple(map(str, range(n_cases)))
    return [
        FoldData(
            {
                name: (values - values[part != fold][:1000].mean(axis=0))
                for name, values in zip(("ct", "clinical"), features, strict=True)
            },
            present,
            labels,
            Task.single("binary"),
            patients,
            np.flatnonzero((part != fold) & (part != (fold + 1) % n_folds)),
            np.flatnonzero(part == (fold + 1) % n_folds),
        )
        for fold in range(n_folds)
    ]


def jobs_for(
    folds: Sequence[FoldData], architecture: Architecture, n_heads: int, loop: LoopOptions
) -> list[NetworkJob]:
    """Heads of all folds in turn, each with its own seed."""
    views = training_views(2, seed=0)
    return [
        NetworkJob(
            f"head-{number}",
            architecture,
            folds[number % len(folds)],
            number // len(folds),
            folds[number % len(folds)].train,
            folds[number % len(folds)].val,
            views,
            loop,
            dropout=0.2,
            score="loss" if isinstance(architecture, ResidualArchitecture) else "auroc",
        )
        for number in range(n_heads)
    ]


LOOP = LoopOptions(epochs=50, patience=50, batch_size=512, learning_rate=1e-3, weight_decay=1e-2)


def stacked_is_alone(device: str) -> None:
    """Compare heads that were trained alone with the same heads in a stack, on a small cohort."""
    folds = made_up_folds(1500, n_folds=3)
    loop = replace(LOOP, epochs=2, batch_size=128)
    runnings: list[Running] = ["eager", "graph"] if device.startswith("cuda") else ["eager"]
    for architecture in (PaperArchitecture(WIDTHS, 1), ResidualArchitecture(WIDTHS, 1)):
        jobs = jobs_for(folds, architecture, 4, loop)
        jobs = [
            replace(
                job,
                train=job.train[: 700 - 100 * number],
                dropout=0.1 * number,
                loop=replace(loop, learning_rate=1e-3 / (1 + number)),
            )
            for number, job in enumerate(jobs)
        ]
        for precision in ("float32", "float64"):
            alone = run(jobs, device, StackOptions(precision, "eager", 1))
            for running in runnings:
                stacked = run(jobs, device, StackOptions(precision, running, 4))
                worst = max(
                    float((one.state[name] - other.state[name]).abs().max())
                    for one, other in zip(alone, stacked, strict=True)
                    for name in one.state
                )
                say(
                    f"{type(architecture).__name__:<22} {precision} {running:<6} "
                    f"largest difference of a weight, alone and stacked: {worst:.1e}"
                )


def run(jobs: Sequence[NetworkJob], device: str, options: StackOptions) -> list[TrainedNetwork]:
    return train_stack(jobs, options=options, device=device, should_stop=never)


def epochs_of_the_loop_of_one(folds: Sequence[FoldData], device: str) -> None:
    """Time an epoch of each network in the loop of one head."""
    for architecture in (PaperArchitecture(WIDTHS, 1), ResidualArchitecture(WIDTHS, 1)):
        (job,) = jobs_for(folds, architecture, 1, LOOP)
        elapsed_s = {}
        for n_epochs in (1, 1, 3):  # the first is the warm-up
            timed = replace(job, loop=replace(LOOP, epochs=n_epochs))
            started = time.perf_counter()
            train_alone(timed, device=device, should_stop=never)
            elapsed_s[n_epochs] = time.perf_counter() - started
        ms = 1e3 * (elapsed_s[3] - elapsed_s[1]) / (2 * job.steps_per_epoch)
        say(f"{type(architecture).__name__:<22} train_alone: {ms:.2f} ms a step with scoring")


def steps_of_stacks(folds: Sequence[FoldData], device: str, n_heads: int) -> None:
    """Time steps of one head and of many, in every precision, step by step and captured."""
    on_gpu = device.startswith("cuda")
    precisions: list[Precision] = ["float32", "tf32", "bfloat16"] if on_gpu else ["float32"]
    runnings: list[Running] = ["eager", "graph"] if on_gpu else ["eager"]
    for architecture in (PaperArchitecture(WIDTHS, 1), ResidualArchitecture(WIDTHS, 1)):
        alone_ms = 0.0
        for precision in precisions:
            for running in runnings:
                for heads in (1, n_heads):
                    ms = step_ms(folds, device, architecture, heads, precision, running)
                    alone_ms = alone_ms or ms  # one head, eager, float32: what is compared with
                    say(
                        f"{type(architecture).__name__:<22} {precision:<9} {running:<14} "
                        f"{heads:>3} heads {ms:8.2f} ms a step, {ms / alone_ms:6.2f} x one head"
                    )


@lru_cache(maxsize=2)
def cohort_of(folds: tuple[FoldData, ...], device: str, precision: Precision) -> StackedCohort:
    return stacked_cohort(folds, device=device, precision=precision)


def step_ms(
    folds: Sequence[FoldData],
    device: str,
    architecture: Architecture,
    n_heads: int,
    precision: Precision,
    running: Running,
) -> float:
    """Return the milliseconds of a step, without shuffling and scoring."""
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    cohort = cohort_of(tuple(folds), device, "bfloat16" if precision == "bfloat16" else "float32")
    jobs = jobs_for(folds, architecture, n_heads, LOOP)
    stack = start_stack(jobs, cohort, [None] * n_heads)
    runner = StepRunner(running)
    n_steps = stack.n_steps
    runner.run_epoch(stack, [1] * n_heads)  # warms up, and captures
    wait(device)
    started = time.perf_counter()
    runner.run_epoch(stack, [2] * n_heads)
    wait(device)
    return 1e3 * (time.perf_counter() - started) / n_steps


def cross_validation(
    folds: Sequence[FoldData],
    device: str,
    epochs: int,
    precision: Precision,
) -> None:
    """Time five folds x five seeds of the paper's network, everything from arrays to weights."""
    loop = replace(LOOP, epochs=epochs, patience=epochs)
    n_seeds = 5 if device.startswith("cuda") else 1
    jobs = jobs_for(folds, PaperArchitecture(WIDTHS, 1), len(folds) * n_seeds, loop)
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    heads = run(jobs, device, StackOptions(precision))
    elapsed_s = time.perf_counter() - started
    best = [max(float(record["score"]) for record in head.history) for head in heads]
    memory = torch.cuda.max_memory_allocated() / 1e9 if device.startswith("cuda") else 0.0
    say(
        f"{len(folds)} folds x {n_seeds} seeds x {epochs} epochs, {precision}: "
        f"{elapsed_s:.1f} s; validation AUROC {np.mean(best):.4f} "
        f"(from {min(best):.4f} to {max(best):.4f}), {memory:.1f} GB on the device"
    )


def wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
