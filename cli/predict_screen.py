"""What ``mmfeat predict`` shows on the screen."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmfeat.wording import first_few

from .console import console

if TYPE_CHECKING:
    from rich.table import Table

    from mmfeat.stages.predicting.predicted import Predicted
    from mmfeat.stages.predicting.target_answers import TargetAnswers

_SHOWN_CASES = 20
_SHOWN_FAILED = 10


def show_predicted(predicted: "Predicted", output: Path | None) -> None:
    """Print the predictions case by case; of many, the first ones and where all of them are."""
    from rich.text import Text

    n_cases = len(predicted.case_ids)
    for row in range(min(n_cases, _SHOWN_CASES)):
        case_id = predicted.case_ids[row]
        seen = predicted.availability[row].replace("+", " + ") or "nothing"
        console.print(Text.assemble((case_id, "bold"), f", seen: {seen}"), soft_wrap=True)
        if case_id in predicted.failed:
            console.print(f"  no prediction: {predicted.failed[case_id]}")
            continue
        console.print(_table(predicted, row))
        for flag in predicted.flags[row]:
            console.print(f"  look: {flag}", soft_wrap=True)
    if n_cases > _SHOWN_CASES:
        where = str(output) if output is not None else "give --output FILE for all of them"
        console.print(f"... and {n_cases - _SHOWN_CASES} more cases: {where}", soft_wrap=True)
    console.print(_summary(predicted), soft_wrap=True)
    if output is not None:
        console.print(f"written: {output}", soft_wrap=True)


def _table(predicted: "Predicted", row: int) -> "Table":
    """Return a row for each target and output of one case."""
    from rich import box
    from rich.table import Table

    parts = [name for name in predicted.modalities if _has(predicted, row, name)]
    level = f"{100 * predicted.provenance['level']:g} %"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("target", "output"):
        table.add_column(name, overflow="fold")
    for name in ("prediction", "±", f"{level} sure", "base rate", *(f"by {one}" for one in parts)):
        table.add_column(name, justify="right")
    for found in predicted.targets:
        for place, output in enumerate(found.outputs):
            at = (row, place)
            table.add_row(
                found.target if place == 0 else "",
                output,
                _number(found.answers[at]),
                _number(found.spread[at]),
                _expected(found, row, place),
                _number(found.base_rates[place]),
                *(_signed(found.contributions[name][at]) for name in parts),
            )
    return table


def _has(predicted: "Predicted", row: int, name: str) -> bool:
    return name in predicted.availability[row].split("+")


def _expected(found: "TargetAnswers", row: int, place: int) -> str:
    """Return the set or the interval; of classes, whether this one is in the set."""
    coverage = found.coverage
    if found.kind == "regression":
        low, high = coverage.low[row, place], coverage.high[row, place]
        return "" if np.isnan(low) else f"{_number(low)} to {_number(high)}"
    members = coverage.sets[row, place]
    if members is None:
        return ""
    if found.kind == "multiclass":
        return "in" if found.outputs[place] in str(members).split(";") else "out"
    return "either" if ";" in str(members) else str(members)


def _summary(predicted: "Predicted") -> str:
    n_cases, n_failed = len(predicted.case_ids), len(predicted.failed)
    n_flagged = sum(bool(flags) for flags in predicted.flags)
    sentence = (
        f"{n_cases - n_failed} of {n_cases} cases predicted by `{predicted.provenance['method']}`, "
        f"{predicted.provenance['folds']} folds; {n_flagged} with something to look at"
    )
    if predicted.failed:
        sentence += f"; no prediction: {first_few(list(predicted.failed), _SHOWN_FAILED)}"
    return sentence


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "no end"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


def _signed(value: float) -> str:
    if np.isnan(value):
        return ""
    return f"{value:+.3f}" if abs(value) < 10 else f"{value:+.4g}"
