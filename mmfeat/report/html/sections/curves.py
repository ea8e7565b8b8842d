"""ROC and precision-recall curves of the cases that have everything; predicted numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics import roc_curve
from mmfeat.metrics.precision_recall import precision_recall_curve
from mmfeat.report.html.blocks import Block, Chart, Charts, Section, Text
from mmfeat.report.html.line_chart import Frame, Series, line_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.scatter_chart import predicted_chart
from mmfeat.report.html.words import method_number
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.wording import availability_name, output_name, with_interval

_MOST_OUTPUTS = 9
_ROC = Frame("False positive rate", "True positive rate", is_square=True)
_PR = Frame("Recall", "Precision", is_square=True)
_NOTE = (
    "Curves pool the folds, since a curve needs one scale; AUROC compares cases of one fold only, "
    "so the area under a curve can differ a little from it."
)


def curves_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with the curves of a target."""
    of_target = source.results["targets"][target]
    title = "Predicted and true" if of_target["kind"] == "regression" else "ROC and precision"
    if not source.views or not of_target["complete_cases"]["n"]:
        return Section(f"{id}-curves", title, [])
    if of_target["kind"] == "regression":
        return Section(f"{id}-curves", title, _numbers(source, target))
    charts = [*_by_availability(source, target), *_by_method(source, target)]
    n_left_out = max(0, len(of_target["outputs"]) - _MOST_OUTPUTS)
    note = _NOTE + (f" {n_left_out} outputs are not drawn." if n_left_out else "")
    blocks: list[Block] = [Charts(charts), Text(note, tone="note")] if charts else []
    return Section(f"{id}-curves", title, blocks)


def _drawn(source: PageSource, target: str) -> list[str]:
    return list(source.results["targets"][target]["outputs"])[:_MOST_OUTPUTS]


def _cases(source: PageSource, target: str, method: str, availability: str) -> ScoredCases | None:
    """Return the complete cases, of a time to an event as risks until each horizon."""
    found = source.complete(target, method, availability)
    if found is None:
        return None
    return found.at_horizons() if found.kind == "time_to_event" else found


def _known(cases: ScoredCases, output: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    column = cases.outputs.index(output)
    known = ~np.isnan(cases.labels[:, column])
    return cases.labels[known, column], cases.probabilities[known, column]


def _by_availability(source: PageSource, target: str) -> list[Chart]:
    """Return one ROC panel for each output, with a line for each set of modalities."""
    of_target = source.results["targets"][target]
    method = next(iter(of_target["methods"]))
    charts = []
    for output in _drawn(source, target):
        series = []
        for name in of_target["availabilities"]:
            cases = _cases(source, target, method, name)
            if cases is None or not _has_both(cases, output):
                continue
            auroc = _auroc(of_target, method, name, output)
            said = availability_name(name, source.modalities)
            series.append(Series(f"{said}, {auroc}", *roc_curve(*_known(cases, output))))
        if series:
            title = f"ROC of {output_name(target, of_target['kind'], output)}, {method}"
            charts.append(line_chart(title, [*series, _DIAGONAL], _ROC, has_legend=True))
    return charts


def _by_method(source: PageSource, target: str) -> list[Chart]:
    """Return for each output ROC and precision-recall panels with a line for each method."""
    of_target = source.results["targets"][target]
    charts = []
    for output in _drawn(source, target):
        roc, precision = [], []
        share = 0.0
        for method in of_target["methods"]:
            cases = _cases(source, target, method, source.everything)
            if cases is None or not _has_both(cases, output):
                continue
            number = method_number(method, source.methods)
            labels, scores = _known(cases, output)
            share = float(labels.mean())
            roc.append(Series(method, *roc_curve(labels, scores), method=number))
            precision.append(Series(method, *precision_recall_curve(labels, scores), method=number))
        if roc:
            name = output_name(target, of_target["kind"], output)
            seen = "all methods"
            charts.append(line_chart(f"ROC of {name}", [*roc, _DIAGONAL], _ROC, caption=seen))
            line = Series("prevalence", [0, 1], [share, share], is_faint=True)
            charts.append(
                line_chart(f"Precision and recall of {name}", [*precision, line], _PR, caption=seen)
            )
    return charts


_DIAGONAL = Series("no skill", [0, 1], [0, 1], is_faint=True)


def _has_both(cases: ScoredCases, output: str) -> bool:
    labels, _ = _known(cases, output)
    return bool(len(np.unique(labels)) == 2)


def _auroc(of_target: Mapping[str, Any], method: str, name: str, output: str) -> str:
    entry = of_target["complete_cases"]["methods"][method][name]
    found = entry["outputs"][output] if "outputs" in entry else entry["metrics"]
    return f"AUROC {with_interval(found['auroc'], digits=2)}"


def _numbers(source: PageSource, target: str) -> list[Block]:
    """Return true against predicted numbers, for the default method by what it sees."""
    of_target = source.results["targets"][target]
    method = next(iter(of_target["methods"]))
    charts = []
    for name in of_target["availabilities"]:
        cases = source.complete(target, method, name)
        if cases is not None and len(cases):
            title = f"{method}, {availability_name(name, source.modalities)}"
            charts.append(predicted_chart(title, cases.labels[:, 0], cases.probabilities[:, 0]))
    return [Charts(charts)] if charts else []
