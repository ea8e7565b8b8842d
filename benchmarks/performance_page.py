"""Write docs/performance.md from what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench_row import BenchRow
from this_machine import machine_facts

HEAD = "| stage | what | measured | beside | ratio | target | met |"
_RULE = "|---|---|--:|---|--:|---|---|"
INTRODUCTION = """\
# How fast it is

For whoever asks what a stage costs, and whether it still is as fast as it was. `make bench` writes
this page, each line measured by one command on one machine. Absolute figures are of that machine;
ratios were taken in one run and say more. Lines without a target are there so that a change shows.
Each benchmark also runs by hand with other settings: `python benchmarks/NAME.py --help`.
"""


@dataclass(frozen=True)
class Section:
    """What one benchmark found."""

    stage: str
    name: str
    rows: tuple[BenchRow, ...]
    elapsed_s: float
    failure: str = ""
    """Why there is nothing, where it failed."""


@dataclass(frozen=True)
class Measured:
    """Everything that the page says."""

    on_cpu: tuple[Section, ...]
    on_gpu: tuple[Section, ...]
    gpu: str | None
    started: float
    """Seconds since 1970, as `ended`."""
    ended: float
    load: float
    """Processes that waited for a core when it began."""


def performance_page(measured: Measured, by_hand: Mapping[str, str]) -> str:
    """Return the page as Markdown.

    Args:
        measured: What was found.
        by_hand: Benchmarks that are not part of it, and why.
    """
    blocks = [
        INTRODUCTION,
        "## Where and when",
        _machine_table(measured),
        "## The table",
        _table(measured.on_cpu),
        "## On a GPU",
        _gpu_block(measured),
        "## What each line comes from",
        _sources((*measured.on_cpu, *measured.on_gpu)),
        "Not in the table:",
        "\n".join(f"- `benchmarks/{name}`: {why}." for name, why in by_hand.items()),
    ]
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def _machine_table(measured: Measured) -> str:
    day = datetime.fromtimestamp(measured.started, UTC).date().isoformat()
    facts = {
        "date": day,
        **machine_facts(),
        "GPU": measured.gpu or "none",
        "load": f"{measured.load:.1f} processes waited for a core when it began"
        + ("; **the machine was busy**, measure again" if measured.load > 1 else ""),
        "took": f"{(measured.ended - measured.started) / 60:.0f} minutes",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {a} | {b} |" for a, b in facts.items())])


def _table(sections: Sequence[Section]) -> str:
    lines = [HEAD, _RULE]
    for section in sections:
        for row in section.rows:
            lines.append("| " + " | ".join([section.stage, *row.cells()]) + " |")
    rows = [row for section in sections for row in section.rows]
    asked = [row for row in rows if row.is_met is not None]
    n_met = sum(row.is_met is True for row in asked)
    return "\n".join(lines) + f"\n\n{n_met} of {len(asked)} targets met."


def _gpu_block(measured: Measured) -> str:
    if measured.gpu is None:
        return (
            "**There was none on this machine**, so nothing of this section was measured with the "
            "table above. Where `make bench` finds one, it puts here: preparing on the device, "
            "windows a second of encoders, 64 heads at once, and a whole cross-validation. What "
            "was measured on an NVIDIA H200 before is in [architecture.md](architecture.md), "
            "[encoders.md](encoders.md), [preparing.md](preparing.md) and "
            "[training.md](training.md)."
        )
    return f"On one {measured.gpu}.\n\n{_table(measured.on_gpu)}"


def _sources(sections: Sequence[Section]) -> str:
    lines = ["| benchmark | stage | took |", "|---|---|--:|"]
    for one in sections:
        took = f"**failed**: {one.failure}" if one.failure else f"{one.elapsed_s:.0f} s"
        lines.append(f"| `benchmarks/{one.name}.py` | {one.stage} | {took} |")
    return "\n".join(lines)
