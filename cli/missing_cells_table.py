"""How a method does as cells of the records go missing, as one table on the screen."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from .estimate_grid import estimate_grid


def missing_cells_table(width: int, method: str, block: Mapping[str, Any], title: str) -> Table:
    """Return the AUROC of a method by the share of cells that are hidden, a row for each curve."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    shares: list[float] = []
    for modality, of_modality in block.items():
        for seen, points in of_modality["methods"][method].items():
            shares = [point["share"] for point in points]
            beside = "everything" if seen == "everything" else f"{modality} alone"
            name = beside if len(block) == 1 else f"{modality} hidden, {beside} seen"
            rows[name] = [point["metrics"]["auroc"] for point in points]
    columns = [f"{100 * share:g} %" for share in shares]
    return estimate_grid(width, title, "cells hidden", columns, rows)
