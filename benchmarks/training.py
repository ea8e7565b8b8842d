"""Time an epoch of training on a CPU: ours against naive loops and against the machine's limit.

    python benchmarks/training.py [--cases 25000] [--timed 4096] [--repeats 5] [--threads 1]
        [--only speed auroc]

`speed`: the published network (1408 + 192 values, batches of 512, three views), in our loop, in a
loop that opens an HDF5 file for every item, and as nothing but its matrix products; then our
network in our loop. All are timed in turn, some batches each, and ratios are medians over turns.
`auroc`: both networks trained to the end, on the same made-up cohorts.
Targets: at least 4 x the loop around HDF5; at most 1.7 x the matrix products; our network at least
4 x faster than the published one, with no lower AUROC.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import torch
from bench_row import BenchRow
from naive_training import naive_loop

from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.lone_network import LoneNetwork
from mmfeat.fusion.training.network_jobs import LoopOptions, NetworkJob
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.training.seeding import seeded
from mmfeat.fusion.views import every_view
from mmfeat.metrics.discrimination import auroc

WIDTHS = 1408, 192
BATCH = 512
PUBLISHED, NAIVE = "published network, our loop", "published network, HDF5 opened for every item"
PRODUCTS, OURS = "its matrix products alone", "our network, our loop"
VIEWS = every_view(2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=25_000, help="in the file and in memory")
    parser.add_argument("--timed", type=int, default=4096, help="cases of a turn of a fast loop")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--learnt", type=int, default=1500, help="cases of `auroc`")
    parser.add_argument("--only", nargs="+", choices=("speed", "auroc"), default=["speed", "auroc"])
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    print(f"torch {torch.__version__}, {chosen.threads} thread(s), {WIDTHS} values, {BATCH} a step")
    if "speed" in chosen.only:
        compare_speed(chosen.cases, chosen.timed, chosen.repeats)
    if "auroc" in chosen.only:
        compare_auroc(chosen.learnt)


def rows(n_cases: int = 8192, n_timed: int = 4096, repeats: int = 5) -> list[BenchRow]:
    """Epochs of both networks beside their limits, and what ours is worth beside the published."""
    torch.set_num_threads(1)
    times = epoch_times_us(n_cases, n_timed, repeats)

    def times_as_long(above: str, below: str) -> float:
        pairs = zip(times[above], times[below], strict=True)
        return statistics.median(a / b for a, b in pairs)

    def seconds(name: str) -> str:
        return f"{statistics.median(times[name]) * n_cases / 1e6:.1f} s"

    what = f"an epoch of {n_cases:,} cases of {WIDTHS[0]} + {WIDTHS[1]} values"
    published = f"{what}, the published network"
    found = [
        BenchRow(
            published,
            seconds(PUBLISHED),
            f"a loop that opens an HDF5 file for each case: {seconds(NAIVE)}",
            times_as_long(NAIVE, PUBLISHED),
            limit=4,
        ),
        BenchRow(
            published,
            seconds(PUBLISHED),
            f"its matrix products alone: {seconds(PRODUCTS)}",
            times_as_long(PUBLISHED, PRODUCTS),
            means="x the time",
            limit=1.7,
            sense="at most",
        ),
        BenchRow(
            f"{what}, our network",
            seconds(OURS),
            f"the published network: {seconds(PUBLISHED)}",
            times_as_long(PUBLISHED, OURS),
            limit=4,
        ),
    ]
    for missing, areas in trained_areas(1000, (0.3,)):
        mean = {name: float(np.mean(values)) for name, values in areas.items()}
        found.append(
            BenchRow(
                f"AUROC of `mmfeat` on made-up cohorts, {missing:.0%} of modalities missing",
                f"{mean['mmfeat']:.3f}",
                f"the published network: {mean['smd-token']:.3f}",
                mean["mmfeat"] - mean["smd-token"],
                means="more",
                limit=0,
            )
        )
    return found


def made_up_fold(n_cases: int, *, missing: float = 0.0, seed: int = 0) -> FoldData:
    """Make up features that share causes, as embeddings and records of one patient do."""
    random = np.random.default_rng(seed)
    causes = random.standard_normal((n_cases, 12), dtype=np.float32)
    features = {}
    for name, width in zip(("ct", "clinical"), WIDTHS, strict=True):
        mixing = random.standard_normal((12, width), dtype=np.float32) / 3
        noise = random.standard_normal((n_cases, width), dtype=np.float32)
        features[name] = causes @ mixing + noise
    present = random.random((n_cases, 2)) >= missing
    present[~present.any(axis=1), 0] = True
    score = 1.5 * causes[:, 0] + causes[:, 1] + 0.8 * causes[:, 2] * causes[:, 3]
    labels = (random.random(n_cases) < 1 / (1 + np.exp(1 - score))).astype(float)[:, None]
    part = random.integers(5, size=n_cases)
    patients = tuple(map(str, range(n_cases)))
    train, val = np.flatnonzero(part > 1), np.flatnonzero(part == 1)
    return FoldData(features, present, labels, Task.single("binary"), patients, train, val)


def epoch_times_us(n_cases: int, n_timed: int, repeats: int) -> dict[str, list[float]]:
    """Return the microseconds per case of each loop, one for each turn."""
    data = made_up_fold(n_cases)
    fast = np.arange(min(n_timed, n_cases))
    slow = fast[: max(2 * BATCH, len(fast) // 4)]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "features.h5"
        with h5py.File(file, "w") as written:
            for name, values in data.features.items():
                written[name] = values
            written["label"] = data.labels[:, 0].astype(np.float32)
        contenders: dict[str, tuple[int, Callable[[], object]]] = {
            PUBLISHED: (len(fast), our_loop(data, paper(), fast)),
            NAIVE: (
                len(slow),
                naive_loop(file, slow, widths=WIDTHS, batch_size=BATCH, views=VIEWS),
            ),
            PRODUCTS: (len(fast), matrix_products(len(fast))),
            OURS: (len(fast), our_loop(data, ours(), fast)),
        }
        return turns(contenders, repeats)


def compare_speed(n_cases: int, n_timed: int, repeats: int) -> None:
    per_case_us = epoch_times_us(n_cases, n_timed, repeats)
    for name, times in per_case_us.items():
        print(f"  {name:<48} {statistics.median(times) * n_cases / 1e6:8.2f} s an epoch")
    published, naive, products, own = per_case_us.values()
    ratio("the loop around HDF5 / our loop", naive, published, "at least 4")
    ratio("our loop / its matrix products", published, products, "at most 1.7")
    ratio("published network / our network", published, own, "at least 4")


def turns(
    contenders: dict[str, tuple[int, Callable[[], object]]], repeats: int
) -> dict[str, list[float]]:
    """Return microseconds per case, one for each turn; the first turn only warms up."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(repeats + 1):
        for name, (n_cases, work) in contenders.items():
            started = time.perf_counter()
            work()
            if turn:
                times[name].append(1e6 * (time.perf_counter() - started) / n_cases)
    return times


def ratio(name: str, above: list[float], below: list[float], target: str) -> None:
    found = [a / b for a, b in zip(above, below, strict=True)]
    spread = f"{min(found):.2f} to {max(found):.2f}"
    print(f"{name}: {statistics.median(found):.2f} ({spread}); target: {target}")


def paper() -> Architecture:
    return PaperArchitecture(WIDTHS, 1)


def ours() -> Architecture:
    return ResidualArchitecture(WIDTHS, 1)


def our_loop(data: FoldData, architecture: Architecture, rows: np.ndarray) -> Callable[[], object]:
    loop = LoopOptions(1, 1, BATCH, learning_rate=1e-3, weight_decay=1e-2)
    job = NetworkJob("timed", architecture, data, 0, rows, data.val[:8], VIEWS, loop, 0.2)
    with seeded(0, "cpu") as generator:
        network = LoneNetwork(job, "cpu", generator)
    return network.run_epoch


def matrix_products(n_cases: int) -> Callable[[], object]:
    """Do only the products of the hidden layer in three views: forward, and twice backward."""
    joint = sum(WIDTHS)
    inputs = torch.randn(3 * BATCH, joint)
    weights = torch.randn(joint // 2, joint)
    slopes = torch.randn(3 * BATCH, joint // 2)
    to_hidden, to_inputs, to_weights = (
        torch.empty(3 * BATCH, joint // 2),
        torch.empty_like(inputs),
        torch.empty_like(weights),
    )

    def products() -> None:
        for _ in range(n_cases // BATCH):
            torch.mm(inputs, weights.T, out=to_hidden)
            torch.mm(slopes, weights, out=to_inputs)
            torch.mm(slopes.T, inputs, out=to_weights)

    return products


def trained_areas(
    n_cases: int, missing_shares: Sequence[float]
) -> Iterator[tuple[float, dict[str, list[float]]]]:
    """Train the published network, and the default method with ours, until they stop early."""
    options = FitOptions(epochs=20, patience=5, batch_size=128, contrastive_epochs=0)
    for missing in missing_shares:
        found: dict[str, list[float]] = {}
        for seed in range(2):
            data = made_up_fold(n_cases, missing=missing, seed=seed)
            data = replace(data, features={n: v / v.std(axis=0) for n, v in data.arrays.items()})
            learnt = np.union1d(data.train, data.val)
            test = np.setdiff1d(np.arange(n_cases), learnt)
            for name in ("smd-token", "mmfeat"):
                head = fit_head(get_method(name), data, seed=0, options=options)
                answers = head.predict(
                    {n: values[test] for n, values in data.features.items()}, data.present[test]
                )
                found.setdefault(name, []).append(auroc(data.labels[test, 0], answers[:, 0]))
        yield missing, found


def compare_auroc(n_cases: int) -> None:
    for missing, found in trained_areas(n_cases, (0.0, 0.3)):
        said = ", ".join(
            f"{name} {np.mean(areas):.4f} ({min(areas):.4f} to {max(areas):.4f})"
            for name, areas in found.items()
        )
        print(f"AUROC, {n_cases} cases, {missing:.0%} of modalities missing, 2 cohorts: {said}")


if __name__ == "__main__":
    main()
