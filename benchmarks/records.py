"""Read, fit and encode a large record: seconds and memory, beside pandas reading the same cells.

Example: python benchmarks/records.py --rows 1000000
"""

import argparse
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from bench_row import BenchRow

from mmfeat.config.record_columns import (
    BooleanColumn,
    CategoricalColumn,
    Column,
    NumericColumn,
    OrdinalColumn,
)
from mmfeat.tabular import RecordEncoder, read_records

Result = TypeVar("Result")
_GAPS = 0.3
_KINDS = 60, 20, 10, 10
"""Numbers, categories, yes and no, levels: 100 columns."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    n_rows = parser.parse_args().rows
    frame, columns = _made_up(n_rows)
    numbers = [name for name, column in columns.items() if column.type == "numeric"]
    print(f"{n_rows:,} rows x {len(columns)} columns, {_memory_gb():.1f} GB")
    _timed("pandas.to_numeric of the numbers", lambda: frame[numbers].apply(pd.to_numeric))
    records, faults = _timed("read_records, all columns", lambda: read_records(frame, columns))
    assert not faults
    training = np.arange(0, n_rows, 2)
    for scaling in ("standard", "quantile"):
        encoder = _timed(
            f"fit on half of the rows, {scaling}",
            lambda scaling=scaling: RecordEncoder.fit(records, training, scaling=scaling),
        )
        encoded = _timed(
            f"transform, {scaling}", lambda encoder=encoder: encoder.transform(records)
        )
    print(f"encoded: {encoded.shape[1]} columns, {encoded.nbytes / 1e9:.2f} GB")


def rows(n_rows: int = 100_000) -> list[BenchRow]:
    """Reading all columns beside pandas reading the numbers alone; fitting; encoding."""
    frame, columns = _made_up(n_rows)
    numbers = [name for name, column in columns.items() if column.type == "numeric"]
    _, pandas_s = _seconds(lambda: frame[numbers].apply(pd.to_numeric))
    (records, _), read_s = _seconds(lambda: read_records(frame, columns))
    half = np.arange(0, n_rows, 2)
    encoder, fit_s = _seconds(lambda: RecordEncoder.fit(records, half, scaling="standard"))
    _, encode_s = _seconds(lambda: encoder.transform(records))
    what = f"{n_rows:,} records of {len(columns)} columns"
    pandas = f"pandas, the {len(numbers)} columns of numbers alone: {pandas_s:.1f} s"
    return [
        BenchRow(f"{what}: read, types checked", f"{read_s:.1f} s", pandas, pandas_s / read_s),
        BenchRow(f"{what}: fitted to half of them", f"{fit_s:.1f} s"),
        BenchRow(f"{what}: encoded", f"{encode_s:.1f} s"),
    ]


def _seconds(run: Callable[[], Result]) -> tuple[Result, float]:
    started = time.perf_counter()
    result = run()
    return result, time.perf_counter() - started


def _made_up(n_rows: int) -> tuple[pd.DataFrame, dict[str, Column]]:
    random = np.random.default_rng(0)
    n_numbers, n_categories, n_booleans, n_levels = _KINDS
    cells: dict[str, pd.Series] = {}
    columns: dict[str, Column] = {}
    for number in range(n_numbers):
        decimals = 3 if number % 4 == 0 else 1
        values, places = np.unique(
            random.normal(50, 10, n_rows).round(decimals), return_inverse=True
        )
        texts = [repr(float(value)) for value in values]
        cells[f"number {number}"] = _with_gaps(texts, places, random)
        columns[f"number {number}"] = NumericColumn(type="numeric")
    kinds: list[tuple[str, int, list[str], Column]] = [
        (
            "category",
            n_categories,
            [f"ward {n}" for n in range(8)],
            CategoricalColumn(type="categorical"),
        ),
        ("flag", n_booleans, ["yes", "no"], BooleanColumn(type="boolean")),
        (
            "level",
            n_levels,
            ["I", "II", "III"],
            OrdinalColumn(type="ordinal", levels=["I", "II", "III"]),
        ),
    ]
    for name, count, texts, column in kinds:
        for number in range(count):
            places = random.integers(0, len(texts), n_rows)
            cells[f"{name} {number}"] = _with_gaps(texts, places, random)
            columns[f"{name} {number}"] = column
    return pd.DataFrame(cells), columns


def _with_gaps(
    texts: list[str], places: np.ndarray, random: np.random.Generator
) -> "pd.Series[str]":
    """Return text as `read_manifest` gives it: objects, equal cells one object, NaN where empty."""
    choices = np.array([*texts, np.nan], dtype=object)
    gaps = random.random(len(places)) < _GAPS
    return pd.Series(choices[np.where(gaps, len(texts), places)], dtype=object)


def _timed(what: str, run: Callable[[], Result]) -> Result:
    started, cpu = time.perf_counter(), time.process_time()
    result = run()
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    print(f"{what:<40} {seconds:7.1f} s ({cpu_s:.1f} CPU-s), at most {_memory_gb():.1f} GB so far")
    return result


def _memory_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
