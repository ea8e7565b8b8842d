"""The figures of the page, as SVG that is the same for the same results."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import pandas as pd

from benchmarks.methods.cohorts import COHORTS
from benchmarks.methods.contenders import DEFAULT, REFERENCES

matplotlib.use("Agg")
from matplotlib import pyplot

_SETTINGS = {"svg.hashsalt": "mmfeat", "font.size": 8, "svg.fonttype": "none"}
_COLOURS = "#0072b2", "#d55e00", "#009e73"


def draw_differences(apart: pd.DataFrame, whole: Mapping[str, str], file: Path) -> None:
    """Draw the default minus its references, a row for each cohort, all modalities seen."""
    cohorts = [plan.name for plan in COHORTS if plan.name in whole]
    with pyplot.rc_context(_SETTINGS):
        figure, panels = pyplot.subplots(
            1, len(REFERENCES), figsize=(9, 0.6 + 0.2 * len(cohorts)), sharey=True
        )
        for panel, name, colour in zip(panels, REFERENCES, _COLOURS, strict=True):
            rows = apart[apart["method"] == name].set_index(["cohort", "availability"])
            for height, cohort in enumerate(reversed(cohorts)):
                place = (cohort, whole[cohort])
                if place in rows.index:
                    row = rows.loc[place]
                    panel.plot([row["low"], row["high"]], [height, height], color=colour, lw=1.2)
                    panel.plot(row["mean"], height, "o", color=colour, ms=3.5)
            panel.axvline(0, color="#888888", lw=0.8)
            panel.set_title(f"{DEFAULT} minus {name}")
            panel.set_xlabel("AUROC, 95 % interval")
        panels[0].set_yticks(range(len(cohorts)), list(reversed(cohorts)))
        figure.tight_layout()
        figure.savefig(file, format="svg", metadata={"Date": None})
        pyplot.close(figure)


def draw_ablation(ablated: pd.DataFrame, file: Path) -> None:
    """Draw the default minus each variant, a point for each cohort and set of modalities."""
    variants = list(dict.fromkeys(ablated["method"]))
    with pyplot.rc_context(_SETTINGS):
        figure, panel = pyplot.subplots(figsize=(7, 0.7 + 0.3 * len(variants)))
        for height, name in enumerate(reversed(variants)):
            values = ablated.loc[ablated["method"] == name, "mean"].sort_values()
            panel.plot(values, [height] * len(values), "o", color=_COLOURS[0], ms=3, alpha=0.45)
            panel.plot(values.mean(), height, "|", color=_COLOURS[1], ms=12, mew=2)
        panel.axvline(0, color="#888888", lw=0.8)
        panel.set_yticks(range(len(variants)), list(reversed(variants)))
        panel.set_xlabel(f"AUROC of {DEFAULT} minus that of the variant; line: mean")
        panel.set_xscale("symlog", linthresh=0.01)
        figure.tight_layout()
        figure.savefig(file, format="svg", metadata={"Date": None})
        pyplot.close(figure)
