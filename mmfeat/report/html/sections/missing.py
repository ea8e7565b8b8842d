"""What is lost as modalities or cells of records go missing, and whether that itself tells."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Folded,
    Heading,
    Row,
    Section,
    Table,
    Text,
)
from mmfeat.report.html.line_chart import Frame, Series, line_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.missingness import missingness_blocks
from mmfeat.report.html.words import (
    absent,
    estimate_cell,
    method_cell,
    method_number,
    number_cell,
    reason_of,
)

_ORDERS = {
    "most_informative_first": "most informative column first",
    "least_informative_first": "least informative column first",
}
_SEEN = {"everything": "with all else that the case has", "alone": "by the record alone"}
_ROBUSTNESS = (
    "Relative: mean of the curve over its value with nothing missing. Effective: how much less is "
    "lost than by late fusion (Taori et al. 2020; MultiBench)."
)


def missing_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part about what is missing."""
    of_target = source.results["targets"][target]
    blocks: list[Block] = []
    if len(source.modalities) > 1:
        blocks += _modalities(source, of_target)
    if of_target.get("missing_cells"):
        blocks += _cells(source, of_target)
    if len(source.modalities) > 1 or of_target.get("missingness"):
        blocks += missingness_blocks(source, target)
    return Section(f"{id}-missing", "Missing data", blocks)


def _frame(of_target: Mapping[str, Any], x: str) -> Frame:
    return Frame(x, headline_of(of_target["kind"]).name, y_limits=None, in_percent=True)


def _modalities(source: PageSource, of_target: Mapping[str, Any]) -> list[Block]:
    found = of_target.get("missing_modalities")
    heading = Heading("Cases that lose a modality")
    if reason := reason_of(found):
        return [heading, *absent(reason)]
    block: Mapping[str, Any] = found or {}
    charts = [
        _chart(
            source,
            of_target,
            f"Without {name}",
            {method: one["points"] for method, one in lost["methods"].items()},
            _frame(of_target, f"Cases without {name}"),
            at="lost",
        )
        for name, lost in block["lost"].items()
    ]
    rows = [
        Row(
            [
                Cell(name),
                method_cell(method, source.methods),
                estimate_cell(one["points"][0]["metrics"][headline_of(of_target["kind"]).metric]),
                estimate_cell(
                    one["points"][-1]["minus_complete"][headline_of(of_target["kind"]).metric],
                    signed=True,
                ),
                estimate_cell(one.get("relative")),
                estimate_cell(one.get("effective"), signed=True),
            ],
            method=method_number(method, source.methods),
        )
        for name, lost in block["lost"].items()
        for method, one in lost["methods"].items()
    ]
    head = (
        "Lost",
        "Method",
        "Nothing lost",
        "Change when all lose it",
        "Relative robustness",
        "Effective",
    )
    return [heading, Charts(charts), Table("What each method loses", head, rows, _ROBUSTNESS)]


def _chart(
    source: PageSource,
    of_target: Mapping[str, Any],
    title: str,
    curves: Mapping[str, list[dict[str, Any]]],
    frame: Frame,
    *,
    at: str = "share",
    caption: str = "",
) -> Chart:
    """Return one curve a method over the share that is missing."""
    metric = headline_of(of_target["kind"]).metric
    series = []
    for method, points in curves.items():
        known = [one for one in points if one["metrics"][metric]["point"] is not None]
        estimates = [one["metrics"][metric] for one in known]
        has_band = method == source.results["default_method"] and all(
            one["low"] is not None for one in estimates
        )
        series.append(
            Series(
                method,
                [one.get(at, one["share"]) for one in known],
                [one["point"] for one in estimates],
                method=method_number(method, source.methods),
                low=[one["low"] for one in estimates] if has_band else None,
                high=[one["high"] for one in estimates] if has_band else None,
                has_points=True,
            )
        )
    return line_chart(title, series, frame, caption=caption)


def _cells(source: PageSource, of_target: Mapping[str, Any]) -> list[Block]:
    charts: list[Chart] = []
    blocks: list[Block] = []
    for modality, block in of_target["missing_cells"].items():
        if "methods" not in block:
            blocks += absent(str(block.get("reason", "")) or f"no curve of {modality}")
            continue
        charts += _cell_charts(source, of_target, modality, block)
        if importance := block.get("by_column", {}).get("importance"):
            rows = [
                Row([Cell(one["column"]), number_cell(one["importance"])]) for one in importance
            ]
            table = Table(f"Columns of {modality}", ("Column", "Informativeness"), rows)
            blocks.append(Folded(f"Which columns of {modality} are informative", [table]))
    note = (
        "Cells of test records are hidden, of each case by chance or whole columns one after the "
        "other; nothing is fitted again. Shaded: the interval of the default method."
    )
    return [Heading("Records with gaps"), Charts(charts), Text(note, tone="note"), *blocks]


def _cell_charts(
    source: PageSource, of_target: Mapping[str, Any], modality: str, block: Mapping[str, Any]
) -> Iterator[Chart]:
    orders = {"cells by chance": block["methods"]}
    by_column = block.get("by_column", {})
    orders |= {
        said: by_column[name]["methods"] for name, said in _ORDERS.items() if name in by_column
    }
    for said, methods in orders.items():
        for seen, how in _SEEN.items():
            curves = {method: one[seen] for method, one in methods.items() if seen in one}
            if curves:
                yield _chart(
                    source,
                    of_target,
                    f"{modality}: {said}",
                    curves,
                    _frame(of_target, "Hidden cells"),
                    at="hidden",
                    caption=how,
                )
