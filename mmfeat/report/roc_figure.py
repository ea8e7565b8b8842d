"""ROC curves on the cases that have everything: by availability, and by method."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from mmfeat.metrics import roc_curve
from mmfeat.report.figure_style import GREY, legend_below, line_style, new_figure, save, square
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.wording import availability_name, output_name, with_interval

Key = tuple[str, str]
"""A method and an availability."""


def draw_roc(
    path: Path,
    target: str,
    results: Mapping[str, Any],
    complete: Mapping[tuple[str, str], ScoredCases],
    *,
    true_risk: Mapping[str, float] | None,
) -> None:
    """Draw one panel by availability for each output, and for a binary target one by method.

    Args:
        path: PNG file.
        target: Name of the target.
        results: All results.
        complete: For each method and availability, the complete cases of this target.
        true_risk: True probability of each case, drawn as the ceiling.
    """
    of_target = results["targets"][target]
    block, modalities = of_target["complete_cases"], results["modalities"]
    model = (next(iter(of_target["methods"])), "+".join(modalities))
    panels = _panels(target, of_target, modalities, set(complete))
    figure, axes = new_figure(
        len(panels),
        f"{target}: {block['n']} cases with {model[1]}",
        lines_below=1 + max(len(panel.lines) for panel in panels),
    )
    for axis, panel in zip(axes, panels, strict=True):
        axis.set_title(panel.title, fontsize=10)
        square(axis, "False positive rate", "True positive rate")
        for number, (label, key) in enumerate(panel.lines.items()):
            found = block["methods"][key[0]][key[1]]
            estimates = found["outputs"][panel.output] if "outputs" in found else found["metrics"]
            column = of_target["outputs"].index(panel.output)
            _draw_curve(axis, complete[key], column, label, estimates["auroc"], number)
        if of_target["ceiling"] is not None and true_risk is not None:
            _draw_ceiling(axis, complete[model], true_risk, of_target["ceiling"]["auroc"])
        legend_below(axis)
    save(figure, path)


class _Panel(NamedTuple):
    title: str
    output: str
    lines: dict[str, Key]
    """Which method and availability each line shows."""


def _panels(
    target: str, of_target: Mapping[str, Any], modalities: Sequence[str], drawn: Collection[Key]
) -> list[_Panel]:
    methods, full = list(of_target["methods"]), "+".join(modalities)
    by_availability = {
        availability_name(name, modalities): (methods[0], name)
        for name in of_target["availabilities"]
        if (methods[0], name) in drawn
    }
    by_method = {name: (name, full) for name in methods if (name, full) in drawn}
    if of_target["kind"] != "binary":
        titles = {
            name: output_name(target, of_target["kind"], name) for name in of_target["outputs"]
        }
        return [
            _Panel(f"{title}, method {methods[0]}", output, by_availability)
            for output, title in titles.items()
        ]
    (output,) = of_target["outputs"]
    panels = [_Panel(f"one model: {methods[0]}", output, by_availability)]
    if len(by_method) > 1:
        panels.append(_Panel(f"all methods, with {full}", output, by_method))
    return panels


def _draw_curve(
    panel: Axes, cases: ScoredCases, column: int, label: str, auroc: Mapping[str, Any], number: int
) -> None:
    if auroc["point"] is None:
        panel.plot([], [], label=f"{label}: undefined ({auroc['reason']})", **line_style(number))
        return
    known = ~np.isnan(cases.labels[:, column])
    false_rate, true_rate = roc_curve(
        cases.labels[known, column], cases.probabilities[known, column]
    )
    panel.plot(
        false_rate,
        true_rate,
        linewidth=1.8,
        label=f"{label}: AUROC {with_interval(auroc, digits=2)}",
        **line_style(number),
    )


def _draw_ceiling(
    panel: Axes, cases: ScoredCases, true_risk: Mapping[str, float], auroc: Mapping[str, Any]
) -> None:
    if auroc["point"] is None:
        return
    values = [true_risk[name] for name in cases.case_ids]
    false_rate, true_rate = roc_curve(cases.labels[:, 0], values)
    label = f"true risk (ceiling): AUROC {with_interval(auroc, digits=2)}"
    panel.plot(false_rate, true_rate, linewidth=1.2, color=GREY, zorder=1, label=label)
