"""How a method does as cells of the records go missing, as one table on the screen."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from .estimate_grid import estimate_grid


def missing_cells_table(
    width: int, method: str, block: Mapping[str, Any], title: str, metric: str = "auroc"
) -> Table:
    """Return a metric of a method, a row for each share of cells hidden, a column for each curve.

    All curves of an evaluation have the same shares.
    """
    columns: list[str] = []
    rows: dict[str, list[Mapping[str, Any] | None]] = {}
    for modality, of_modality in block.items():
        for seen, points in of_modality["methods"][method].items():
            beside = "everything" if seen == "everything" else f"{modality} alone"
            columns.append(beside if len(block) == 1 else f"{modality} hidden, {beside} seen")
            for point in points:
                of_share = rows.setdefault(f"{100 * point['share']:g} %", [])
                of_share.append(point["metrics"][metric])
    return estimate_grid(width, title, "cells hidden", columns, rows)
