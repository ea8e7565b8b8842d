"""All parts about one target."""

from mmfeat.report.html.blocks import Section, Text
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.calibration import calibration_part
from mmfeat.report.html.sections.comparison import comparison_part
from mmfeat.report.html.sections.curves import curves_part
from mmfeat.report.html.sections.decisions import decisions_part
from mmfeat.report.html.sections.missing import missing_part
from mmfeat.report.html.sections.performance import performance_part
from mmfeat.report.html.sections.subgroups import subgroups_part
from mmfeat.report.html.sections.worst import worst_part
from mmfeat.report.html.words import share

_KINDS = {
    "binary": "yes or no",
    "multiclass": "one of several classes",
    "multilabel": "several yes-or-no findings",
    "regression": "a number",
    "time_to_event": "a time to an event",
}
_PARTS = (
    performance_part,
    comparison_part,
    curves_part,
    calibration_part,
    decisions_part,
    missing_part,
    subgroups_part,
    worst_part,
)


def target_section(source: PageSource, target: str, number: int) -> Section:
    """Return the section of one target.

    Args:
        source: The results.
        target: Its name, which may be anything.
        number: Its number, by which the page links to it.
    """
    parts = [make(source, target, f"target-{number}") for make in _PARTS]
    return Section(
        f"target-{number}",
        target,
        [Text(_about(source, target))],
        [part for part in parts if part.blocks],
    )


def _about(source: PageSource, target: str) -> str:
    """Say what kind of target it is, and how many cases were tested."""
    of_target, natural = source.target(target), source.natural(target)
    kind = _KINDS.get(of_target["kind"], of_target["kind"])
    if not natural.get("n"):
        return f"{kind[:1].upper()}{kind[1:]}. No case of a test part has a label."
    people = f"{natural['n']:,} tested cases of {natural['n_patients']:,} patients"
    counts = natural.get("n_positive")
    if isinstance(counts, int):
        people += f", {counts:,} of them positive ({share(counts, natural['n'])})"
    verdict = of_target.get("verdict") or {}
    said = f" {verdict['sentence']}" if verdict.get("sentence") else ""
    return f"{kind[:1].upper()}{kind[1:]}. {people[:1].upper()}{people[1:]}.{said}"
