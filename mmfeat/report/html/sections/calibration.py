"""Whether probabilities mean what they say: as they are, and recalibrated on validation parts."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mmfeat.metrics import reliability_bins
from mmfeat.report.html.blocks import Block, Cell, Chart, Charts, Folded, Row, Section, Table, Text
from mmfeat.report.html.line_chart import Frame, Series, line_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.performance import spelt
from mmfeat.report.html.words import absent, estimate_cell, method_cell, method_number, reason_of
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.wording import output_name

_MOST_OUTPUTS = 6
_NAMES = ("ece", "calibration_intercept", "calibration_slope", "brier", "log_loss")
_STATES = {"before": "as it is", "temperature": "temperature", "isotonic": "isotonic"}
_NOTE = (
    "Points are groups of equally many cases; on the diagonal, what is predicted happens as often "
    "as is said. Perfect calibration has an intercept of 0 and a slope of 1; a slope below 1 means "
    "predictions that are too extreme."
)


def calibration_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with reliability curves and what recalibration changes."""
    of_target = source.results["targets"][target]
    title = "Calibration"
    if of_target["kind"] == "regression":
        return Section(f"{id}-calibration", title, [])
    found = of_target.get("recalibration")
    blocks: list[Block] = []
    charts = [*_as_they_are(source, target)]
    reason = reason_of(found)
    if not reason:
        charts += _recalibrated(source, target, found or {})
    if charts:
        blocks += [Charts(charts), Text(_NOTE, tone="note")]
    if reason:
        blocks += absent(f"Recalibration: {reason}")
    else:
        blocks += _tables(source, found or {})
    return Section(f"{id}-calibration", title, blocks)


def _as_they_are(source: PageSource, target: str) -> Iterator[Chart]:
    """Give for each output a panel with a line for each method, with everything."""
    of_target = source.results["targets"][target]
    for output in list(of_target["outputs"])[:_MOST_OUTPUTS]:
        series = []
        for method in of_target["methods"]:
            cases = source.complete(target, method, source.everything)
            if cases is None or not len(cases):
                continue
            if points := _bins(cases, output, source.results["intervals"]["calibration_bins"]):
                number = method_number(method, source.methods)
                series.append(Series(method, *points, method=number, has_points=True))
        if series:
            name = output_name(target, of_target["kind"], output)
            yield _panel(f"Reliability of {name}", series, f"with {source.everything}")


def _bins(cases: ScoredCases, output: str, bins: int) -> tuple[list[float], list[float]] | None:
    column = cases.outputs.index(output)
    known = ~np.isnan(cases.labels[:, column])
    if not known.any():
        return None
    found = reliability_bins(
        cases.labels[known, column], cases.probabilities[known, column], bins=bins
    )
    return [one.predicted for one in found], [one.observed for one in found]


def _panel(title: str, series: list[Series], caption: str, *, has_legend: bool = False) -> Chart:
    highest = max((max(np.max(one.x), np.max(one.y)) for one in series), default=1.0)
    upper = min(1.0, float(np.ceil(highest * 10) / 10)) or 1.0
    frame = Frame("Predicted", "Observed", x_limits=(0, upper), y_limits=(0, upper), is_square=True)
    diagonal = Series("perfect", [0, upper], [0, upper], is_faint=True)
    return line_chart(title, [*series, diagonal], frame, caption=caption, has_legend=has_legend)


def _recalibrated(source: PageSource, target: str, found: Mapping[str, Any]) -> Iterator[Chart]:
    """Give for each output the default method before and after recalibration."""
    of_target = source.results["targets"][target]
    method = next(iter(found["methods"]))
    block = found["methods"][method]["simulated"].get(source.everything) or {}
    if "before" not in block:
        return
    for output in list(block["before"]["curve"])[:_MOST_OUTPUTS]:
        series = []
        for state, said in _STATES.items():
            points = block.get(state, {}).get("curve", {}).get(output, ())
            if points:
                x, y = [one["predicted"] for one in points], [one["observed"] for one in points]
                chosen = ", used by predict" if state == found.get("chosen") else ""
                series.append(Series(said + chosen, x, y, has_points=True))
        if len(series) > 1:
            name = output_name(target, of_target["kind"], output)
            yield _panel(f"{name}, recalibrated", series, f"{method}", has_legend=True)


def _tables(source: PageSource, found: Mapping[str, Any]) -> list[Block]:
    """Return calibration before and after, of the default method and, folded, of the others."""
    rows = {
        method: [*_rows(source, method, entry, found.get("chosen"))]
        for method, entry in found["methods"].items()
    }
    head = ("Method", "Seen", "Recalibration", *map(spelt, _NAMES))
    first, *others = rows
    note = "Fitted on validation parts, shown on test parts. Bold: what `mmfeat predict` uses."
    blocks: list[Block] = [
        Table(f"Before and after recalibration, {first}", head, rows[first], note)
    ]
    if others:
        of_others = [row for method in others for row in rows[method]]
        table = Table("Before and after recalibration", head, of_others)
        blocks.append(Folded(f"Recalibration of {', '.join(others)}", [table]))
    return blocks


def _rows(
    source: PageSource, method: str, entry: Mapping[str, Any], chosen: str | None
) -> Iterator[Row]:
    seen = {
        source.everything: entry["simulated"].get(source.everything) or {},
        "as they come": entry.get("natural") or {},
    }
    for name, block in seen.items():
        for state, said in _STATES.items():
            if state in block:
                metrics = block[state]["metrics"]
                yield Row(
                    [
                        method_cell(method, source.methods),
                        Cell(name),
                        Cell(said),
                        *(estimate_cell(metrics.get(key)) for key in _NAMES),
                    ],
                    method=method_number(method, source.methods),
                    is_strong=state == chosen,
                )
