"""The first metric against the share of a record's cells, or of the modality, that is missing."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmfeat.report.curve_figure import CurvePanel, draw_curves
from mmfeat.report.headline import Headline
from mmfeat.report.missing_cells import LEAST_FIRST, MOST_FIRST

_FIRST = {MOST_FIRST: "most informative first", LEAST_FIRST: "least informative first"}


def draw_missing_cells(
    path: Path,
    target: str,
    block: Mapping[str, Any],
    modalities: Sequence[str],
    headline: Headline,
) -> None:
    """Draw one panel for each record and what is seen beside it, with a line for each method.

    Args:
        path: PNG file.
        target: Name of the target.
        block: The target's curves by modality; see `missing_cells_results`.
        modalities: All modalities.
        headline: The metric that is drawn.
    """
    panels = [
        CurvePanel(title, "Share of the record's known cells hidden", curves, "hidden")
        for modality, of_modality in block.items()
        for title, curves in _by_seen(modality, of_modality, of_modality["n"], modalities)
    ]
    draw_curves(path, f"{target}: records with gaps", panels, headline)


def draw_missing_columns(
    path: Path,
    target: str,
    block: Mapping[str, Any],
    modalities: Sequence[str],
    headline: Headline,
) -> None:
    """Draw the same of whole columns that are hidden, most and least informative first.

    Args:
        path: PNG file.
        target: Name of the target.
        block: As for `draw_missing_cells`; only modalities ``by_column`` are drawn.
        modalities: All modalities.
        headline: The metric that is drawn.
    """
    panels = [
        CurvePanel(f"{title}\n{name}", "Share of the record's known cells hidden", curves, "hidden")
        for modality, of_modality in block.items()
        for order, name in _FIRST.items()
        for title, curves in _by_seen(
            modality, of_modality.get("by_column", {}).get(order), of_modality["n"], modalities
        )
    ]
    draw_curves(path, f"{target}: records without whole columns", panels, headline)


def draw_missing_modalities(
    path: Path, target: str, block: Mapping[str, Any], headline: Headline
) -> None:
    """Draw one panel for each modality that is lost.

    Args:
        path: PNG file.
        target: Name of the target.
        block: The target's curves; see `missing_modalities_block`.
        headline: The metric that is drawn.
    """
    panels = [
        CurvePanel(
            f"{modality} lost ({of_modality['n']} cases with everything)",
            f"Share of the cases without {modality}",
            {method: one["points"] for method, one in of_modality["methods"].items()},
            "lost",
        )
        for modality, of_modality in block["lost"].items()
    ]
    draw_curves(path, f"{target}: cases that lose a modality", panels, headline)


def _by_seen(
    modality: str, found: Mapping[str, Any] | None, n_cases: int, modalities: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give a title and the curves of each method, for what is seen beside the record."""
    if found is None:
        return
    for seen in next(iter(found["methods"].values())):
        beside = "with all else that a case has" if seen == "everything" else "alone"
        title = modality if len(modalities) == 1 else f"{modality} {beside}"
        curves = {method: curves[seen] for method, curves in found["methods"].items()}
        yield f"{title} ({n_cases} cases)", curves
