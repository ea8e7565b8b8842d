"""Train on a cohort whose features stay in a file: time and peak memory of every step.

    python benchmarks/streaming.py [--cases 1000000] [--width 2048] [--epochs 2]
        [--file features.bin] [--only scale networks linear predict compare]

One million cases of 2048 float16 values are 4.1 GB in the file, 8.2 GB as float32 and 16 GB as the
float64 that linear models would copy. `compare` trains on the first cases twice, from the file and
in memory: the same batches give the same weights, and the ratio of times says what reading costs.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from bench_row import BenchRow

from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.linear_models.linear import choose_and_fit
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.network_jobs import LoopOptions, NetworkJob
from mmfeat.fusion.training.viewed_cases import logits_in_chunks
from mmfeat.fusion.views import every_view
from mmfeat.metrics.discrimination import auroc
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.stored_vectors import StoredVectors, blocks_of, rows_of
from mmfeat.tabular.vector_scaling import VectorScaling

D_TABLE = 16
SECTIONS = "scale", "compare", "networks", "predict", "linear"
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--compared", type=int, default=20_000, help="cases of `compare`")
    parser.add_argument("--file", type=Path, help="kept, and used again; a temporary one if not")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file = chosen.file or Path(scratch) / "features.bin"
        size = chosen.cases * chosen.width * 2
        if not file.is_file() or file.stat().st_size != size:
            measured("making the file up", lambda: make_file(file, chosen.cases, chosen.width))
        print(f"{chosen.cases:,} x {chosen.width} float16, {size / 1e9:.1f} GB in the file")
        print(f"torch on {torch.get_num_threads()} threads; memory is the whole process's")
        data = measured(
            "scaling fitted to the training part", lambda: fold_of(file, chosen.cases, chosen.width)
        )
        if "compare" in chosen.only:
            compare(data, chosen.compared)
        if {"networks", "predict"} & set(chosen.only):
            train_and_predict(data, chosen.epochs)
        if "linear" in chosen.only:
            fit_linear(data)


def rows(n_cases: int = 10_000, width: int = 1024) -> list[BenchRow]:
    """Training from a file beside the same in memory."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "features.bin"
        make_file(file, n_cases, width)
        of_file, in_memory = times_of_both(fold_of(file, n_cases, width), n_cases)
    return [
        BenchRow(
            f"two epochs of {n_cases:,} cases of {width} values, features left in a file",
            f"{of_file:.1f} s",
            f"in memory: {in_memory:.1f} s",
            of_file / in_memory,
            means="x the time",
        )
    ]


def make_file(file: Path, n_cases: int, width: int) -> None:
    """Write made-up features, some of their columns mixed with others as embeddings' are."""
    random = np.random.default_rng(0)
    mixing = random.standard_normal((32, width), dtype=np.float32)
    with file.open("wb") as stream:
        for rows in blocks_of(n_cases, 8192):
            n_rows = rows.stop - rows.start
            values = random.standard_normal((n_rows, width), dtype=np.float32)
            values += random.standard_normal((n_rows, 32), dtype=np.float32) @ mixing
            stream.write(values.astype(np.float16).tobytes())


def fold_of(file: Path, n_cases: int, width: int) -> FoldData:
    """Return a fold whose first modality stays in the file."""
    random = np.random.default_rng(1)
    stored_rows = RowFile(file, 0, "<f2", n_rows=n_cases, width=width)
    part = random.integers(10, size=n_cases)
    train, val = np.flatnonzero(part < 7), np.flatnonzero(part == 7)
    stored = StoredVectors.of_rows((stored_rows,), np.arange(n_cases))
    of_training = stored.take(train)
    blocks = (of_training[block] for block in blocks_of(len(train)))
    stored = stored.scaled(VectorScaling.fit_in_blocks(blocks, width=width))
    table = random.standard_normal((n_cases, D_TABLE), dtype=np.float32)
    weights = random.standard_normal(width).astype(np.float32) / np.sqrt(width)
    scores = np.concatenate([stored[block] @ weights for block in blocks_of(n_cases)])
    scores = scores / scores.std() + table[:, 0] + scores * table[:, 1]
    labels = (random.random(n_cases) < 1 / (1 + np.exp(1.5 - scores))).astype(float)[:, None]
    present = random.random((n_cases, 2)) >= 0.1
    present[~present.any(axis=1), 0] = True
    patients = tuple(map(str, range(n_cases)))
    features = {"ct": stored, "clinical": table}
    return FoldData(features, present, labels, Task.single("binary"), patients, train, val)


def job_of(data: FoldData, epochs: int) -> NetworkJob:
    """Ask for the default method's network."""
    widths = tuple(data.widths.values())
    loop = LoopOptions(epochs, epochs, 512, learning_rate=1e-3, weight_decay=1e-2)
    architecture = ResidualArchitecture(widths, 1)
    views = every_view(2)
    return NetworkJob("target", architecture, data, 0, data.train, data.val, views, loop, 0.2)


def times_of_both(data: FoldData, n_cases: int) -> tuple[float, float]:
    """Return median seconds of two epochs, features in the file and in memory."""
    of_few = {
        "train": data.train[data.train < n_cases],
        "val": data.val[data.val < n_cases],
        "present": data.present[:n_cases],
        "labels": data.labels[:n_cases],
        "patient_ids": data.patient_ids[:n_cases],
    }
    first = {name: rows_of(values, slice(n_cases)) for name, values in data.features.items()}
    streamed = replace(data, features=first, **of_few)
    in_memory = replace(data, features={n: v[:] for n, v in first.items()}, **of_few)
    times: dict[str, list[float]] = {"from the file": [], "in memory": []}
    areas: set[float] = set()
    for _ in range(3):
        for name, fold in (("from the file", streamed), ("in memory", in_memory)):
            started = time.perf_counter()
            trained = train_alone(job_of(fold, 2), device="cpu", should_stop=lambda: False)
            times[name].append(time.perf_counter() - started)
            areas.add(round(float(trained.history[-1]["score"]), 4))
    assert len(areas) == 1, f"the same batches gave other weights: AUROC {areas}"
    return float(np.median(times["from the file"])), float(np.median(times["in memory"]))


def compare(data: FoldData, n_cases: int) -> None:
    """Train one network from the file and in memory, on few enough cases for both."""
    of_file, in_memory = times_of_both(data, n_cases)
    print(f"two epochs of {n_cases:,} cases: {of_file:.1f} s, {in_memory:.1f} s in memory")
    print(f"  {of_file / in_memory:.2f} x the time in memory")


def train_and_predict(data: FoldData, epochs: int) -> None:
    started = time.perf_counter()

    def told(_: NetworkJob, record: dict[str, float | int | str]) -> None:
        elapsed_s = time.perf_counter() - started
        print(f"  epoch {record['epoch']}: {elapsed_s:.0f} s, AUROC {record['score']:.4f}")

    trained = measured(
        f"{epochs} epochs of a network, validated after each",
        lambda: train_alone(
            job_of(data, epochs), device="cpu", should_stop=lambda: False, on_epoch=told
        ),
    )
    network = trained.network()
    logits = measured(
        "prediction of all cases", lambda: logits_in_chunks(network, data.features, data.present)
    )
    learnt = np.union1d(data.train, data.val)
    test = np.setdiff1d(np.arange(len(data.labels)), learnt)
    print(f"  AUROC of the test part {auroc(data.labels[test, 0], logits[test, 0]):.4f}")


def fit_linear(data: FoldData) -> None:
    rows = data.train[data.present[data.train, 0]]
    folds = np.random.default_rng(0).integers(5, size=len(rows))
    chosen = measured(
        "logistic regression, penalty of 15 on five inner folds",
        lambda: choose_and_fit(
            rows_of(data.features["ct"], rows), data.labels[rows], folds, data.task
        ),
    )
    area = auroc(data.labels[rows, 0], chosen.out_of_fold[:, 0])
    print(f"  C = {chosen.penalties[0]:.3g}, AUROC out of fold {area:.4f}")


def measured(name: str, work: Callable[[], T]) -> T:
    """Do something, and say how long it took and the most memory that was in use meanwhile."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")  # the peak starts again from what is in use
    started, busy_before = time.perf_counter(), time.process_time()
    result = work()
    elapsed_s, busy_s = time.perf_counter() - started, time.process_time() - busy_before
    spent = f"{elapsed_s:.1f} s ({busy_s:.1f} s of a core)"
    print(f"{name}: {spent}, peak memory {peak_gb():.2f} GB", flush=True)
    return result


def peak_gb() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
