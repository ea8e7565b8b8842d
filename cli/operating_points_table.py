"""How cases are called by thresholds of the validation parts, as one table on the screen."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from .estimate_grid import estimate_grid

_COLUMNS = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "PPV": "ppv",
    "NPV": "npv",
    "F1": "f1",
}
_WIDE = 150
"""Columns of a screen on which intervals fit beside the numbers; elsewhere the report has them."""


def operating_points_table(
    width: int, method: str, of_target: Mapping[str, Any], interval: str
) -> Table | None:
    """Return the points of a yes-or-no target, all cases as they come; None where there are none.

    Targets of several outputs have a table for each; those are in the report.

    Args:
        width: Of the screen.
        method: The method to show.
        of_target: Results of the target.
        interval: Which interval is shown, in words.
    """
    block = of_target.get("operating_points", {})
    entry = block.get("methods", {}).get(method, {}).get("natural") or {}
    if of_target["kind"] != "binary" or "outputs" not in entry:
        return None
    (of_output,) = entry["outputs"].values()
    words = {rule["name"]: rule["words"] for rule in block["rules"]}
    rows = {
        words[name]: [point[metric] for metric in _COLUMNS.values()]
        for name, point in of_output["points"].items()
        if "sensitivity" in point
    }
    if not rows:
        return None
    title = f"{method} on all cases as they come, thresholds chosen on validation parts"
    if width < _WIDE:
        rows = {name: [{**one, "low": None} for one in found] for name, found in rows.items()}
    else:
        title += f" {interval}"
    return estimate_grid(width, title, "threshold", list(_COLUMNS), rows)


def recalibration_sentences(method: str, of_target: Mapping[str, Any]) -> list[str]:
    """Say what recalibration does to the calibration error of all cases as they come."""
    block = of_target.get("recalibration", {})
    entry = block.get("methods", {}).get(method, {}).get("natural") or {}
    if block.get("chosen") not in entry:
        return []
    before, after = (entry[name]["metrics"]["ece"]["point"] for name in ("before", block["chosen"]))
    if before is None or after is None:
        return []
    if before == after:
        return [
            f"on validation parts no {block['chosen']} is clearly better, so the probabilities of "
            f"{method} stay as they are"
        ]
    return [
        f"recalibrated by {block['chosen']} on validation parts, {method} has a calibration error "
        f"of {after:.3f} instead of {before:.3f}"
    ]
