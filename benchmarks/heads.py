"""Train many heads at once: milliseconds of a step, alone and stacked; a whole cross-validation.

On a GPU everything is timed; on a CPU a small setting of the same.
Example: python benchmarks/heads.py --only equal step cross-validation
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from bench_row import BenchRow
from made_up_heads import LOOP, WIDTHS, jobs_for, made_up_folds

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.cohort import StackedCohort, stacked_cohort
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.stacked.running import StepRunner
from mmfeat.fusion.stacked.starting import start_stack
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.network_jobs import (
    NetworkJob,
    Precision,
    Running,
    StackOptions,
    TrainedNetwork,
)
from mmfeat.fusion.training.running import never

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


def rows(n_cases: int = 1500, n_heads: int = 4) -> list[BenchRow]:
    """A step of several small networks as one program on a CPU, and that it changes no weight."""
    torch.set_num_threads(1)
    worst = max(worst for _, _, _, worst in differences("cpu", ("float32",)))
    folds = made_up_folds(n_cases)
    of = ResidualArchitecture(WIDTHS, 1)
    one_ms, many_ms = (step_ms(folds, "cpu", of, n, "float32", "eager") for n in (1, n_heads))
    return [
        BenchRow(
            "largest difference of a weight, trained alone and in a stack of four",
            f"{worst:.0e}",
            "",
            worst,
            means="",
            limit=1e-4,
            sense="at most",
        ),
        BenchRow(
            f"a step of {n_heads} heads of our network, one program on a CPU",
            f"{many_ms:.0f} ms",
            f"one head: {one_ms:.0f} ms",
            many_ms / one_ms,
            means="x the time",
        ),
    ]


def gpu_rows(n_cases: int = 25_000) -> list[BenchRow]:
    """Many heads as one program, and a whole cross-validation."""
    folds = made_up_folds(n_cases)
    found = []
    for name, of in (("ours", ResidualArchitecture(WIDTHS, 1)), ("the paper's", paper())):
        one_ms = step_ms(folds, "cuda", of, 1, "float32", "eager")
        for precision, compiles in (("tf32", False), ("bfloat16", False), ("bfloat16", True)):
            many_ms = step_ms(folds, "cuda", of, 64, precision, "graph", compiles=compiles)
            found.append(
                BenchRow(
                    f"a step of 64 heads, {name}, {precision}, captured"
                    f"{', compiled' if compiles else ''}",
                    f"{many_ms:.1f} ms",
                    f"one head, float32, step by step: {one_ms:.1f} ms",
                    many_ms / one_ms,
                    means="x the time",
                    limit=2,
                    sense="at most",
                )
            )
    elapsed_s, best = cross_validated(folds, "cuda", 50, "tf32")
    return [
        *found,
        BenchRow(
            f"5 folds x 5 seeds x 50 epochs of the paper's network, {n_cases:,} cases",
            f"{elapsed_s:.1f} s",
            f"mean validation AUROC {np.mean(best):.3f}",
            elapsed_s,
            means="s",
            limit=15,
            sense="at most",
        ),
    ]


def paper() -> Architecture:
    return PaperArchitecture(WIDTHS, 1)


def stacked_is_alone(device: str) -> None:
    for name, precision, running, worst in differences(device):
        say(
            f"{name:<22} {precision} {running:<6} "
            f"largest difference of a weight, alone and stacked: {worst:.1e}"
        )


def differences(
    device: str, precisions: Sequence[Precision] = ("float32", "float64")
) -> Iterator[tuple[str, Precision, Running, float]]:
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
        for precision in precisions:
            alone = run(jobs, device, StackOptions(precision, "eager", 1))
            for running in runnings:
                stacked = run(jobs, device, StackOptions(precision, running, 4))
                worst = max(
                    float((one.state[name] - other.state[name]).abs().max())
                    for one, other in zip(alone, stacked, strict=True)
                    for name in one.state
                )
                yield type(architecture).__name__, precision, running, worst


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
    ways: list[tuple[Running, bool]] = [("eager", False), ("graph", False), ("graph", True)]
    for architecture in (PaperArchitecture(WIDTHS, 1), ResidualArchitecture(WIDTHS, 1)):
        alone_ms = 0.0
        for precision in precisions:
            for running, compiles in ways if on_gpu else ways[:1]:
                for heads in (1, n_heads):
                    ms = step_ms(
                        folds, device, architecture, heads, precision, running, compiles=compiles
                    )
                    alone_ms = alone_ms or ms  # one head, eager, float32: what is compared with
                    way = f"{running}{', compiled' if compiles else ''}"
                    say(
                        f"{type(architecture).__name__:<22} {precision:<9} {way:<15} "
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
    *,
    compiles: bool = False,
) -> float:
    """Return the milliseconds of a step, without compiling, shuffling and scoring."""
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    cohort = cohort_of(tuple(folds), device, "bfloat16" if precision == "bfloat16" else "float32")
    jobs = jobs_for(folds, architecture, n_heads, LOOP)
    stack = start_stack(jobs, cohort, [None] * n_heads)
    if compiles:
        stack.compile()
    runner = StepRunner(running)
    n_steps = stack.n_steps
    runner.run_epoch(stack, [1] * n_heads)  # warms up, and captures
    wait(device)
    started = time.perf_counter()
    runner.run_epoch(stack, [2] * n_heads)
    wait(device)
    return 1e3 * (time.perf_counter() - started) / n_steps


def cross_validated(
    folds: Sequence[FoldData], device: str, epochs: int, precision: Precision
) -> tuple[float, list[float]]:
    """Time five folds x five seeds of the paper's network, everything from arrays to weights.

    Returns:
        Seconds, and the best validation score of each head.
    """
    loop = replace(LOOP, epochs=epochs, patience=epochs)
    n_seeds = 5 if device.startswith("cuda") else 1
    jobs = jobs_for(folds, paper(), len(folds) * n_seeds, loop)
    started = time.perf_counter()
    heads = run(jobs, device, StackOptions(precision))
    elapsed_s = time.perf_counter() - started
    return elapsed_s, [max(float(one["score"]) for one in head.history) for head in heads]


def cross_validation(
    folds: Sequence[FoldData], device: str, epochs: int, precision: Precision
) -> None:
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    elapsed_s, best = cross_validated(folds, device, epochs, precision)
    n_seeds = len(best) // len(folds)
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
