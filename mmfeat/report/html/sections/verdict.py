"""The first thing on the page: does fusion help, on this cohort?"""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.blocks import (
    Block,
    Bullets,
    Cell,
    Row,
    Section,
    Table,
    Text,
    Tile,
    Tiles,
    Tone,
)
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import NONE, estimate_cell, interval, p_cell
from mmfeat.report.wording import availability_name

_TONES: dict[str, Tone] = {"yes": "good", "no": "bad", "not shown": "unsure"}
_ANSWERS = {"yes": "Yes", "no": "No", "not shown": "Not shown"}
_OLD = (
    "These results were made before verdicts were; run `mmfeat eval` again. The numbers below are "
    "theirs."
)


def verdict_section(source: PageSource) -> Section:
    """Return the section that answers the question, with what speaks against the answer."""
    results = source.results
    blocks: list[Block] = []
    whole = results.get("verdict")
    if whole:
        tone = _TONES.get(whole["answer"], "unsure")
        heading = f"Does fusion help? {_ANSWERS.get(whole['answer'], whole['answer'])}."
        blocks.append(Text(whole["sentence"], tone=tone, heading=heading))
    else:
        blocks.append(Text(_OLD, tone="unsure", heading="No verdict"))
    if results.get("warnings"):
        blocks.append(Bullets([str(line) for line in results["warnings"]], tone="warning"))
    blocks.append(Tiles([_tile(name, one) for name, one in results["targets"].items()]))
    compared = [row for name, one in results["targets"].items() for row in _rows(source, name, one)]
    if compared:
        head = ("Target", "Answer", "Against", "Fusion", "Rival", "Difference", "p", "p, Holm")
        blocks.append(Table("What fusion is compared with, on the same cases", head, compared))
    blocks.append(
        Text(
            f"Fusion is `{results['default_method']}` with {' and '.join(source.modalities)}. Yes: "
            "better than every single modality by any method, and than the average of the single "
            "models, each with an interval above zero. No: an interval lies below zero. Not shown: "
            "anything else; absence of proof is no proof of absence.",
            tone="note",
        )
    )
    return Section("verdict", "Verdict", blocks)


def _tile(target: str, of_target: Mapping[str, Any]) -> Tile:
    """Return the headline number of a target with everything, and its verdict as the tone."""
    headline = headline_of(of_target["kind"])
    verdict = of_target.get("verdict") or {}
    estimate = verdict.get("value") or _value(of_target, headline.metric)
    if estimate is None or estimate.get("point") is None:
        return Tile(target, NONE, f"{headline.name}: {verdict.get('reason') or 'undefined'}")
    answer = verdict.get("answer")
    said = {"yes": "fusion helps", "no": "fusion does not help", "not shown": "gain not shown"}
    detail = f"{headline.name} {interval(estimate, digits=2)}"
    return Tile(
        target,
        f"{estimate['point']:.2f}",
        f"{detail}, {said[answer]}" if answer in said else detail,
        tone=_TONES.get(str(answer), "plain"),
    )


def _value(of_target: Mapping[str, Any], metric: str) -> Mapping[str, Any] | None:
    """Return the default method's headline metric with everything, where it is known."""
    for of_method in of_target["complete_cases"].get("methods", {}).values():
        entry = of_method.get(of_target["availabilities"][0])
        found: Mapping[str, Any] | None = entry["metrics"].get(metric) if entry else None
        return found
    return None


def _rows(source: PageSource, target: str, of_target: Mapping[str, Any]) -> list[Row]:
    """Return one row for the best single modality, and one for the average."""
    verdict = of_target.get("verdict") or {}
    rows = []
    for name, what in (("single", "best single modality"), ("average", "average of single models")):
        part = verdict.get(name)
        if not part:
            continue
        if "best" not in part:
            rows.append(Row([Cell(target), Cell(part["answer"]), Cell(what, part["reason"])]))
            continue
        best = part["best"]
        rival = next(
            one
            for one in part["against"]
            if (one["method"], one["availability"]) == (best["method"], best["availability"])
        )
        known = f"{best['method']}, {availability_name(best['availability'], source.modalities)}"
        rows.append(
            Row(
                [
                    Cell(target),
                    Cell(part["answer"], tone=_TONES.get(part["answer"], "plain")),
                    Cell(what, known),
                    estimate_cell({"point": verdict["value"]["point"]}),
                    estimate_cell({"point": best["value"]}),
                    estimate_cell(rival["difference"], signed=True),
                    p_cell(rival["difference"].get("p")),
                    p_cell(rival["tests"].get("p_holm")),
                ]
            )
        )
    return rows
