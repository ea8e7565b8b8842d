"""Read features from the cache, beside the same numbers in a raw file; ratios of medians.

    python benchmarks/cache_read.py [--cases 25000] [--width 1408] [--repeats 9]
        [--token-cases 5000] [--tokens 64] [--token-size 768]

Targets: reading the values of a compacted cache at 0.9 of a raw file's speed or more; the index of
50,000 finished cases in under 5 s. `CacheFolder.read` also compares each feature with its SHA-256,
which takes about as long again; `read_tokens` does so on several cores. All files are in the page
cache: the code is measured, not the disk.
"""

import argparse
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench_row import BenchRow

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache.shard import read_features

VALUES = "features of a compacted shard"
WHOLE = "CacheFolder.read, with ids and checks"


def median_s(function: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def make_folder(root: Path, n_cases: int, width: int, *, shard_cases: int) -> CacheFolder:
    folder = CacheFolder.open(root, "ct", {"encoder": "random", "width": width})
    generator = np.random.default_rng(0)
    for start in range(0, n_cases, shard_cases):
        rows = [
            FeatureRow(
                f"case-{n:06d}", f"{n:064x}", f"{n:016x}", generator.random(width, np.float32)
            )
            for n in range(start, min(start + shard_cases, n_cases))
        ]
        folder.commit(rows)
    return folder


def rows(n_cases: int = 10_000, width: int = 1408, repeats: int = 9) -> list[BenchRow]:
    """Values, whole reads with their checks, and the index of many finished cases."""
    with tempfile.TemporaryDirectory() as scratch:
        raw_s, taken = reading_s(Path(scratch) / "a", n_cases, width, repeats)
        index_s, n_shards, _, _ = index_times_s(Path(scratch) / "b", 50_000)
    values_s, checked_s = taken[VALUES], taken[WHOLE]
    what = f"{n_cases:,} x {width} values of a compacted cache"
    return [
        BenchRow(
            what,
            f"{1e3 * values_s:.0f} ms",
            f"a raw file: {1e3 * raw_s:.0f} ms",
            raw_s / values_s,
            means="of its speed",
            limit=0.9,
        ),
        BenchRow(
            f"{what}, found by case and compared with their SHA-256",
            f"{1e3 * checked_s:.0f} ms",
            "the same file",
            raw_s / checked_s,
            means="of its speed",
        ),
        BenchRow(
            f"which of 50,000 cases are finished, in {n_shards} shards",
            f"{index_s:.1f} s",
            "",
            index_s,
            means="s",
            limit=5,
            sense="at most",
        ),
    ]


def reading_s(root: Path, n_cases: int, width: int, repeats: int) -> tuple[float, dict[str, float]]:
    """Return seconds of a raw file, and of the cache in several ways; print nothing."""
    raw: list[float] = []
    found = {}
    for name, against, function in reading_contenders(root, n_cases, width):
        raw_s, found[name] = in_turn_s(against, function, repeats)
        raw.append(raw_s)
    return raw[0], found


def in_turn_s(
    one: Callable[[], object], other: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """Return the medians of two that take turns, so that a busy machine is unfair to neither."""
    pairs = [(median_s(one, 1), median_s(other, 1)) for _ in range(repeats)]
    first, second = zip(*pairs, strict=True)
    return statistics.median(first), statistics.median(second)


def reading_contenders(
    root: Path, n_cases: int, width: int
) -> list[tuple[str, Callable[[], object], Callable[[], object]]]:
    """Make a cache and a raw file; return what reads the cache, and what each is compared with.

    That is the raw file, or the raw file in another order.
    """
    folder = make_folder(root, n_cases, width, shard_cases=n_cases)
    shard = folder.compact()
    case_ids = [f"case-{n:06d}" for n in range(n_cases)]
    features, _ = folder.read([(case_id, None) for case_id in case_ids])
    raw = root / "raw.bin"
    features.tofile(raw)
    in_order = np.arange(n_cases)
    shuffled = np.random.default_rng(1).permutation(n_cases)
    in_disorder = [case_ids[n] for n in shuffled]

    def read_values(order: np.ndarray) -> np.ndarray:
        out = np.empty((n_cases, width), np.float32)
        read_features(shard, order, out, in_order)
        return out

    def read_raw() -> np.ndarray:
        return np.fromfile(raw, np.float32).reshape(n_cases, width)

    def read_raw_shuffled() -> np.ndarray:
        return read_raw()[shuffled]

    assert np.array_equal(read_raw(), read_values(in_order))
    shuffled_pairs = [(case_id, None) for case_id in in_disorder]
    assert np.array_equal(features[shuffled], folder.read(shuffled_pairs)[0])
    return [
        (VALUES, read_raw, lambda: read_values(in_order)),
        (f"{VALUES}, in any order", read_raw_shuffled, lambda: read_values(shuffled)),
        (WHOLE, read_raw, lambda: folder.read([(case_id, None) for case_id in case_ids])),
        (f"{WHOLE}, in any order", read_raw_shuffled, lambda: folder.read(shuffled_pairs)),
    ]


def compare_reading(root: Path, n_cases: int, width: int, repeats: int) -> None:
    print(f"{n_cases} x {width} float32, {n_cases * width * 4 / 1e6:.0f} MB")
    for name, against, function in reading_contenders(root, n_cases, width):
        raw_s, taken_s = in_turn_s(against, function, repeats)
        print(
            f"  {name:<40} {taken_s * 1e3:7.0f} ms   a raw file {raw_s * 1e3:.0f} ms"
            f"   {raw_s / taken_s:5.2f} of its speed"
        )


def index_times_s(root: Path, n_cases: int) -> tuple[float, int, float, float]:
    """Return seconds of the index in shards of 64, how many, of compaction, and in one shard."""
    folder = make_folder(root, n_cases, 8, shard_cases=64)
    n_shards = len(list(folder.path.glob("shard-*.h5")))
    in_shards_s = median_s(folder.index, 3)
    return in_shards_s, n_shards, median_s(folder.compact, 1), median_s(folder.index, 3)


def measure_index(root: Path, n_cases: int) -> None:
    in_shards_s, n_shards, compaction_s, in_one_s = index_times_s(root, n_cases)
    print(f"index of {n_cases} finished cases")
    print(f"  in {n_shards} shards of 64: {in_shards_s:.2f} s (target: under 5)")
    print(f"  compaction of them: {compaction_s:.2f} s")
    print(f"  in one shard: {in_one_s:.2f} s")


def compare_tokens(root: Path, n_cases: int, n_tokens: int, width: int, repeats: int) -> None:
    rule = {"max_tokens": n_tokens, "token_size": width}
    folder = CacheFolder.open(root, "ct", {"encoder": "random", "tokens": rule})
    generator = np.random.default_rng(0)
    case_ids = [f"case-{n:06d}" for n in range(n_cases)]
    vector = np.ones(width, np.float32)
    started = time.perf_counter()
    for start in range(0, n_cases, 64):
        folder.commit(
            [
                FeatureRow(
                    case_id,
                    f"{start:064x}",
                    "s",
                    vector,
                    tokens=generator.random((n_tokens, width), np.float32),
                )
                for case_id in case_ids[start : start + 64]
            ]
        )
    written = time.perf_counter()
    folder.compact()
    compacted = time.perf_counter()
    raw = root / "raw.bin"
    pairs = [(case_id, None) for case_id in case_ids]
    found = folder.read_tokens(pairs)
    found.tokens.tofile(raw)
    n_bytes = found.tokens.nbytes
    del found
    shuffled = [pairs[n] for n in np.random.default_rng(1).permutation(n_cases)]

    def digest_all() -> None:
        tokens = np.fromfile(raw, np.float32).reshape(n_cases, -1)
        for row in tokens:
            hashlib.sha256(row.data).digest()

    raw_s = median_s(lambda: np.fromfile(raw, np.float32), repeats)
    digest_s = median_s(digest_all, repeats)
    print(f"{n_cases} cases of {n_tokens} tokens x {width}, {n_bytes / 1e6:.0f} MB")
    print(f"  stored in {written - started:.1f} s, joined in {compacted - written:.1f} s")
    print(f"  raw file {raw_s * 1e3:.0f} ms; and its SHA-256 by case {digest_s * 1e3:.0f} ms")
    for name, wanted in (("CacheFolder.read_tokens", pairs), ("the same in any order", shuffled)):
        taken_s = median_s(lambda wanted=wanted: folder.read_tokens(wanted), repeats)
        print(
            f"  {name:<40} {taken_s * 1e3:7.0f} ms   {raw_s / taken_s:5.2f} of raw speed, "
            f"{digest_s / taken_s:5.2f} of that with digests"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=25_000)
    parser.add_argument("--width", type=int, default=1408)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--token-cases", type=int, default=5_000)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--token-size", type=int, default=768)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        compare_reading(Path(scratch) / "a", arguments.cases, arguments.width, arguments.repeats)
        measure_index(Path(scratch) / "b", 50_000)
        compare_tokens(
            Path(scratch) / "c",
            arguments.token_cases,
            arguments.tokens,
            arguments.token_size,
            arguments.repeats,
        )


if __name__ == "__main__":
    main()
