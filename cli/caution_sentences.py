"""What a reader of results must be careful of, in words: groups that differ, gaps that tell."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.wording import p_value, with_interval


def caution_sentences(of_target: Mapping[str, Any]) -> list[str]:
    """Return a line on what missingness tells, and one on the largest gap between groups."""
    return [*_missingness(of_target), *_largest_gap(of_target)]


def _missingness(of_target: Mapping[str, Any]) -> list[str]:
    block = of_target.get("missingness", {})
    if block.get("predicts") is None:  # nothing is missing, or nothing can be said
        return []
    headline = headline_of(of_target["kind"])
    reached = f"{headline.name} {with_interval(block['metrics'][headline.metric])}"
    if block["predicts"]:
        return [f"what is missing predicts it by itself ({reached}): gaps are not at random"]
    return [f"what is missing does not predict it by itself ({reached})"]


def _largest_gap(of_target: Mapping[str, Any]) -> list[str]:
    headline = headline_of(of_target["kind"])
    gaps = [
        (grouping["name"], gap, gap["metrics"][headline.metric])
        for grouping in of_target.get("subgroups", {}).get("groupings", ())
        for gap in grouping["gaps"]
        if gap["metrics"][headline.metric]["p_holm"] is not None
    ]
    if not gaps:
        return []
    name, gap, size = max(gaps, key=lambda one: abs(one[2]["point"]))
    pair = f"{name}, `{gap['group']}` against `{gap['minus_group']}`"
    return [
        f"the largest gap of {len(gaps)} between groups is {pair}: {headline.name} "
        f"{with_interval(size, signed=True)}, {p_value(size['p_holm'])} (Holm)"
    ]
