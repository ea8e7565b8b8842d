"""Time an epoch of training on a CPU: ours against naive loops and against the machine's limit.

    python benchmarks/training.py [--cases 25000] [--timed 4096] [--repeats 5] [--threads 1]
        [--only speed auroc]

`speed`: the published network (1408 + 192 values, batches of 512, three views), in our loop, in a
loop that opens an HDF5 file for every item, and as nothing but its matrix products; then our
network in our loop. All are timed in turn, some batches each, and ratios are medians over turns.
`auroc`: both networks trained to the end, on the same made-up cohorts.
Targets: at least 4 x the loop around HDF5; at most 2 x the matrix products; our network at least
4 x faster than the published one, with no lower AUROC.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

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


def compare_speed(n_cases: int, n_timed: int, repeats: int) -> None:
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
            "published network, our loop": (len(fast), our_loop(data, paper(), fast)),
            "published network, HDF5 opened for every item": (len(slow), naive_loop(file, slow)),
            "its matrix products alone": (len(fast), matrix_products(len(fast))),
            "our network, our loop": (len(fast), our_loop(data, ours(), fast)),
        }
        per_case_us = turns(contenders, repeats)
    for name, times in per_case_us.items():
        print(f"  {name:<48} {statistics.median(times) * n_cases / 1e6:8.2f} s an epoch")
    published, naive, products, own = per_case_us.values()
    ratio("the loop around HDF5 / our loop", naive, published, "at least 4")
    ratio("our loop / its matrix products", published, products, "at most 2")
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


class FileRows(Dataset):
    """Give one case at a time, each from a file that is opened for it."""

    def __init__(self, file: Path, rows: np.ndarray) -> None:
        self.file, self.rows = file, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        row = self.rows[number]
        with h5py.File(self.file, "r") as opened:
            return opened["ct"][row], opened["clinical"][row], opened["label"][row]


class PlainNetwork(nn.Module):
    """The published network as one would write it, with tokens of zeros to start from."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.ParameterList(torch.zeros(width) for width in WIDTHS)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in WIDTHS)
        joint = sum(WIDTHS)
        self.hidden = nn.Sequential(
            nn.LayerNorm(joint), nn.ReLU(), nn.Dropout(0.2), nn.Linear(joint, joint // 2)
        )
        self.head = nn.Sequential(nn.LayerNorm(joint // 2), nn.Dropout(0.2))
        self.classifier = nn.Linear(joint // 2, 1)

    def forward(self, parts: list[torch.Tensor]) -> torch.Tensor:
        normalised = [norm(part) for norm, part in zip(self.norms, parts, strict=True)]
        return self.classifier(self.head(self.hidden(torch.cat(normalised, dim=1))))


def naive_loop(file: Path, rows: np.ndarray) -> Callable[[], object]:
    network = PlainNetwork()
    optimiser = torch.optim.AdamW(network.parameters())
    loader = DataLoader(FileRows(file, rows), batch_size=BATCH, shuffle=True)

    def epoch() -> None:
        for ct, clinical, label in loader:
            loss = torch.zeros(())
            for sees_ct, sees_clinical in VIEWS:
                shown = [
                    values if sees else token.expand(len(values), -1)
                    for values, sees, token in zip(
                        (ct, clinical), (sees_ct, sees_clinical), network.tokens, strict=True
                    )
                ]
                logits = network(shown)[:, 0]
                loss = loss + functional.binary_cross_entropy_with_logits(logits, label)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    return epoch


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


def compare_auroc(n_cases: int) -> None:
    """Train the published network, and the default method with ours, until they stop early."""
    options = FitOptions(epochs=20, patience=5, batch_size=128, contrastive_epochs=0)
    for missing in (0.0, 0.3):
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
        said = ", ".join(
            f"{name} {np.mean(areas):.4f} ({min(areas):.4f} to {max(areas):.4f})"
            for name, areas in found.items()
        )
        print(f"AUROC, {n_cases} cases, {missing:.0%} of modalities missing, 2 cohorts: {said}")


if __name__ == "__main__":
    main()
