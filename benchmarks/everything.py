"""Run the benchmarks of all stages in small settings, and write one table of them.

    python benchmarks/everything.py [--only start cache_read] [--page docs/performance.md]

Each benchmark runs in a process of its own, one after the other, and can be run by hand with more
settings: `python benchmarks/NAME.py --help`. The page has the machine and the date; measure on a
machine that does nothing else. Those of a GPU run where there is one.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from bench_row import BenchRow
from performance_page import Measured, Section, performance_page
from this_machine import gpu_name

from mmfeat.errors import one_line

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
STAGES = {
    "start": "Starting",
    "read_nifti": "Reading scans",
    "read_dicom": "Reading scans",
    "prepare": "Preparing scans",
    "encoders": "Embedding",
    "slices": "Embedding",
    "extract": "Extraction as a whole",
    "cache_read": "The cache",
    "records": "Records",
    "training": "Training",
    "heads": "Training",
    "streaming": "Training",
    "bootstrap": "Evaluation",
    "evaluation": "Evaluation",
}
"""Each benchmark and the stage that it belongs to, in the order of the table."""
GPU_STAGES = {
    "prepare": "Preparing scans",
    "encoders_on_gpu": "Embedding",
    "heads": "Training",
}
BY_HAND = {
    "scaling": "a simulation of large cohorts, no measurement: [scaling.md](scaling.md)",
    "methods": "what methods are worth, not how fast they are: "
    "[method-benchmarks.md](method-benchmarks.md)",
    "step_traffic": "bytes that a step moves, not time: "
    "[architecture.md](architecture.md#contracts)",
}
"""Those that are not in the table, and why."""


def measured_rows(name: str, function: str) -> list[BenchRow]:
    """Run one benchmark; called in a process of its own."""
    made: Callable[[], list[BenchRow]] = getattr(import_module(name), function)
    return made()


def run(stages: dict[str, str], function: str, chosen: Sequence[str]) -> list[Section]:
    """Run benchmarks one after the other, and show each figure as it is found."""
    sections = []
    for name, stage in stages.items():
        if name not in chosen:
            continue
        started = time.perf_counter()
        found: list[BenchRow] = []
        failure = ""
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                found = pool.submit(measured_rows, name, function).result()
            except Exception as error:  # noqa: BLE001 - the others are still to be measured
                failure = one_line(error)
                print(f"{stage}: benchmarks/{name}.py failed: {failure}", flush=True)
        for row in found:
            show(stage, row)
        elapsed_s = time.perf_counter() - started
        sections.append(Section(stage, name, tuple(found), elapsed_s, failure))
    return sections


def show(stage: str, row: BenchRow) -> None:
    what, measured, beside, ratio, target, verdict = row.cells()
    asked = f" = {ratio}" + (f" ({target}: {verdict.strip('*')})" if target else "")
    text = f"{stage}: {what}: {measured}" + (f"; {beside}" if beside else "")
    print(text + (asked if ratio else ""), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*STAGES, *(name for name in GPU_STAGES if name not in STAGES)]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--page", type=Path, help="where to write it; docs/performance.md if all")
    chosen = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    started, load = time.time(), os.getloadavg()[0]
    gpu = gpu_name()
    on_cpu = run(STAGES, "rows", chosen.only)
    on_gpu = run(GPU_STAGES, "gpu_rows", chosen.only) if gpu else []
    page = chosen.page or (PAGE if set(chosen.only) == set(names) else None)
    sections = (*on_cpu, *on_gpu)
    rows = [row for section in sections for row in section.rows]
    n_missed = sum(row.is_met is False for row in rows)
    n_asked = sum(row.is_met is not None for row in rows)
    print(f"{n_asked - n_missed} of {n_asked} targets met, in {time.time() - started:.0f} s")
    if page is not None:
        measured = Measured(tuple(on_cpu), tuple(on_gpu), gpu, started, time.time(), load)
        page.write_text(performance_page(measured, BY_HAND), encoding="utf-8")
        print(f"written: {page}")
    sys.exit(any(section.failure for section in sections))


if __name__ == "__main__":
    main()
