"""docs/performance.md is what `make bench` writes, and has a line for each of the benchmarks."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
MODULES = ("bench_row", "this_machine", "performance_page", "everything")


@pytest.fixture(scope="module")
def bench():
    """The modules behind the page, found as the program finds them."""
    place = str(PROJECT / "benchmarks")
    sys.path.insert(0, place)
    yield {name: import_module(name) for name in MODULES}
    sys.path.remove(place)
    for name in MODULES:
        del sys.modules[name]


@pytest.fixture(scope="module")
def page():
    return (PROJECT / "docs" / "performance.md").read_text()


def _measured(bench, **changes):
    row = bench["bench_row"].BenchRow("reading", "2 s", "another: 8 s", 4.0, limit=5)
    section = bench["performance_page"].Section("Reading", "read_nifti", (row,), 3.0)
    usual = {"on_cpu": (section,), "on_gpu": (), "gpu": None, "load": 0.1}
    return bench["performance_page"].Measured(**(usual | changes), started=0.0, ended=600.0)


@pytest.mark.parametrize(
    ("sense", "ratio", "verdict"),
    [
        ("at least", 5.0, "yes"),
        ("at least", 4.9, "**no**"),
        ("at most", 5.0, "yes"),
        ("at most", 5.1, "**no**"),
        ("at most", None, "-"),
    ],
)
def test_a_target_is_met_from_its_limit_on(bench, sense, ratio, verdict):
    row = bench["bench_row"].BenchRow("reading", "1 s", ratio=ratio, limit=5, sense=sense)
    assert row.verdict == verdict
    assert row.target == f"{sense} 5"


def test_a_line_without_a_limit_has_no_verdict(bench):
    row = bench["bench_row"].BenchRow("reading", "1 s", "another: 3 s", 3.0)
    assert row.cells() == ("reading", "1 s", "another: 3 s", "3 x as fast", "", "-")


def test_the_page_says_date_machine_and_how_many_targets_are_met(bench):
    written = bench["performance_page"].performance_page(_measured(bench), {})
    assert "| date | 1970-01-01 |" in written
    assert (
        "| Reading | reading | 2 s | another: 8 s | 4 x as fast | at least 5 | **no** |" in written
    )
    assert "0 of 1 targets met." in written
    assert "**There was none on this machine**" in written
    assert "busy" not in written


def test_the_page_says_where_the_machine_was_busy(bench):
    written = bench["performance_page"].performance_page(_measured(bench, load=7.0), {})
    assert "**the machine was busy**" in written


def test_figures_of_a_gpu_have_a_table_of_their_own(bench):
    on_gpu = _measured(bench).on_cpu
    measured = _measured(bench, gpu="NVIDIA H200", on_gpu=on_gpu)
    written = bench["performance_page"].performance_page(measured, {})
    assert "On one NVIDIA H200." in written
    assert written.count("| Reading | reading |") == 2
    assert "none on this machine" not in written


def test_a_benchmark_that_failed_is_named_with_its_reason(bench):
    failed = bench["performance_page"].Section("Records", "records", (), 1.0, "no such column")
    written = bench["performance_page"].performance_page(_measured(bench, on_cpu=(failed,)), {})
    assert "| `benchmarks/records.py` | Records | **failed**: no such column |" in written


def test_every_benchmark_is_in_the_table_or_says_why_not(bench):
    everything = bench["everything"]
    listed = {*everything.STAGES, *everything.GPU_STAGES, *everything.BY_HAND}
    runnable = {
        file.stem
        for file in (PROJECT / "benchmarks").glob("*.py")
        if "__main__" in file.read_text() and file.stem != "everything"
    }
    assert listed - {"methods"} == runnable


def test_the_page_in_docs_has_each_benchmark_and_the_present_form(bench, page):
    everything = bench["everything"]
    for name in everything.STAGES:
        assert f"| `benchmarks/{name}.py` |" in page
    for line in (bench["performance_page"].HEAD, *everything.BY_HAND.values()):
        assert line in page
    assert page.startswith(bench["performance_page"].INTRODUCTION)
    assert "## On a GPU" in page
