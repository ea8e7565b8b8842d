"""What ``mmfeat init`` shows of its guesses: those to check come first."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from mmfeat.config.guess import Guess
    from mmfeat.stages.init import InitReport

_MOST_ROWS = 40


def guesses_table(report: "InitReport") -> Table:
    """Return all guesses to check, and as many of the others as fit below them."""
    guesses = sorted(
        (found for found in report.guessed.named() if found[2].confidence is not None),
        key=lambda found: (not found[2].doubtful, found[2].confidence),
    )
    n_shown = max(report.n_doubtful, min(len(guesses), _MOST_ROWS))
    n_more = len(guesses) - n_shown
    table = Table(
        title="How sure each guess is",
        caption=f"{n_more} more, as sure as these or surer, are in the file" if n_more else None,
    )
    table.add_column("column", overflow="fold")
    table.add_column("read as", overflow="fold")
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for part, name, guess in guesses[:n_shown]:
        why = f"check: {guess.reason}" if guess.doubtful else guess.reason
        style = "bold" if guess.doubtful else ""
        sure = f"{100 * (guess.confidence or 0.0):.0f} %"
        table.add_row(name, _in_words(part, guess), sure, why, style=style)
    return table


def guesses_json(report: "InitReport") -> dict[str, Any]:
    """Return everything that was guessed, for scripts."""
    return {
        "file": str(report.file),
        "n_rows": report.n_rows,
        "n_to_check": report.n_doubtful,
        "guesses": [
            {
                "part": part,
                "name": name,
                "value": guess.value,
                "confidence": guess.confidence,
                "check": guess.doubtful,
                "reason": guess.reason,
                "n_fitting": guess.evidence and guess.evidence.n_fitting,
                "n_cells": guess.evidence and guess.evidence.n_cells,
                "rivals": list(guess.evidence.rivals) if guess.evidence else [],
            }
            for part, name, guess in report.guessed.named()
        ],
    }


def _in_words(part: str, guess: "Guess") -> str:
    from mmfeat.config.template import yaml_value

    match part:
        case "left_out":
            return "left out"
        case "targets":
            return f"target, {guess.value['kind']}"
        case "volumes":
            return f"scans, `{guess.value['column']}`"
        case "columns":
            more = [f"{key} {_short(value)}" for key, value in guess.value.items() if key != "type"]
            return ", ".join([guess.value["type"], *more])
        case _:
            return yaml_value(guess.value)


def _short(value: Any) -> str:  # noqa: ANN401 - a value of the settings
    match value:
        case list():
            return ", ".join(map(str, value))
        case Mapping():
            return ", ".join(f"{key} {_short(item)}" for key, item in value.items())
        case _:
            return str(value)
