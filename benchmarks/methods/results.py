"""What is kept of each head as soon as it is scored: a line of JSON, so that a run can go on."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from benchmarks.methods.scoring import Score


@dataclass(frozen=True)
class Unit:
    """Name one head: a method on one fold of one repeat of a cohort."""

    cohort: str
    repeat: int
    fold: int
    method: str


def add_result(
    file: Path, unit: Unit, scores: Iterable[Score], *, seconds: float, remark: str = ""
) -> None:
    """Append the result of one head in a single write, which other processes do not cut in two."""
    known = asdict(unit) | {"seconds": round(seconds, 3), "remark": remark}
    known["scores"] = [asdict(score) for score in scores]
    line = json.dumps(known, separators=(",", ":")) + "\n"
    descriptor = os.open(file, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def end_line(file: Path) -> None:
    """End the last line where a killed process left it half written, so that the next is whole."""
    if file.exists() and (content := file.read_bytes()) and not content.endswith(b"\n"):
        with file.open("ab") as stream:
            stream.write(b"\n")


def finished_units(file: Path) -> set[Unit]:
    """Return the heads that are already scored."""
    return {Unit(*(line[name] for name in Unit.__dataclass_fields__)) for line in _lines(file)}


def read_results(file: Path) -> pd.DataFrame:
    """Return a row for each head and availability; a head that is there twice counts once."""
    rows = [
        {name: value for name, value in line.items() if name != "scores"} | score
        for line in _lines(file)
        for score in line["scores"]
    ]
    keys = ["cohort", "repeat", "fold", "method", "availability"]
    columns = [*keys, "seconds", "remark", "n_cases", "auroc", "log_loss"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(keys, keep="last")


def _lines(file: Path) -> list[dict]:
    if not file.exists():
        return []
    lines = []
    for text in file.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:  # half a line of a process that was killed
            continue
    return lines
