"""How the numbers were made, in words."""

from mmfeat.report.html.blocks import Block, Bullets, Section, Text
from mmfeat.report.html.page_source import PageSource


def method_notes_section(source: PageSource) -> Section:
    """Return the section on intervals, folds and what is left out."""
    results = source.results
    intervals = results["intervals"]
    level = f"{100 * intervals['confidence']:g} %"
    text = (
        f"Intervals cover {level}: {intervals['method']}, {intervals['resamples']:,} resamples, "
        f"seed {intervals['seed']}. They say how much numbers depend on who was tested, not on who "
        "was trained on: no model is trained again within a resample. Calibration errors use "
        f"{intervals['calibration_bins']} bins of equal mass. What is undefined is shown as a dash "
        "with its reason, and is never averaged in as zero."
    )
    blocks: list[Block] = [Text(text), Bullets([str(note) for note in results.get("notes", ())])]
    notes = results.get("training", {}).get("notes", ())
    if notes:
        blocks.append(Bullets([str(note) for note in notes], tone="note"))
    return Section("methods", "How the numbers were made", blocks)
