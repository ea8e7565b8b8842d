"""Results in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.wording import availability_name, p_value, with_interval


def size_sentence(of_target: Mapping[str, Any], natural: Mapping[str, Any]) -> str:
    """Say how many cases, patients and positive labels there are."""
    if not natural:
        return "no case of a test part has a label"
    people = f"{natural['n']} cases with a label, {natural['n_patients']} patients"
    if of_target["kind"] == "regression":
        return f"{people}: {_spread(natural)}" if natural["n"] else people
    if of_target["kind"] == "binary":
        if natural["prevalence"] is None:
            return people
        return f"{people}, {natural['n_positive']} positive ({100 * natural['prevalence']:.1f} %)"
    shares = ", ".join(f"{name} {count}" for name, count in natural["n_positive"].items())
    if of_target["kind"] == "time_to_event":
        return f"{people}, {natural['n_events']} events: {shares}"
    return f"{people}: {shares}"


def _spread(natural: Mapping[str, Any]) -> str:
    return (
        f"{natural['mean']:.4g} ± {natural['sd']:.3g} (mean and standard deviation), "
        f"from {natural['lowest']:.4g} to {natural['highest']:.4g}"
    )


def natural_sentence(method: str, of_target: Mapping[str, Any], modalities: Sequence[str]) -> str:
    """Say how the method does on all cases with what they really have."""
    entries = of_target["methods"][method]
    if not entries["natural"]:
        return f"{method} has no predictions of cases as they come"
    parts = ", ".join(
        f"{entry['n']} {availability_name(name, modalities)}"
        for name, entry in entries["natural_by_availability"].items()
    )
    headline = headline_of(of_target["kind"])
    reached = with_interval(entries["natural"]["metrics"][headline.metric])
    return f"all cases as they come ({parts}): {method} reaches {headline.name} {reached}"


def complete_cases_sentence(of_target: Mapping[str, Any], modalities: Sequence[str]) -> str:
    """Say on which cases the comparisons are made, or why there are none."""
    block = of_target["complete_cases"]
    if not block["n"]:
        return f"No comparison on the same cases: {block['reason']}"
    have = {1: f"have {modalities[0]}", 2: "have both"}.get(len(modalities), "have everything")
    return (
        f"On the {block['n']} cases that {have}, {headline_of(of_target['kind']).name} [interval]:"
    )


def view_sentences(
    method: str, of_target: Mapping[str, Any], modalities: Sequence[str]
) -> list[str]:
    """Compare the method with everything to the same method with one modality alone."""
    return [
        _comparison(
            availability_name(one["availability"], modalities),
            availability_name(one["minus_availability"], modalities),
            one["metrics"][headline_of(of_target["kind"]).metric],
        )
        for one in of_target["complete_cases"].get("differences", [])
        if one["method"] == one["minus_method"] == method
    ]


def _comparison(left: str, right: str, gain: Mapping[str, Any]) -> str:
    if gain["point"] is None:
        return f"{left} against {right}: undefined, {gain['reason']}"
    if gain["low"] is None:
        return f"{left} against {right}: {with_interval(gain, signed=True)}, {gain['reason']}"
    p = p_value(gain["p"])
    if gain["low"] > 0:
        return f"{left} beats {right} by {with_interval(gain)}, {p}"
    if gain["high"] < 0:
        return f"{left} is worse than {right} by {with_interval(_turned(gain))}, {p}"
    size = with_interval(gain, signed=True)
    return f"{left} against {right}: no clear difference, {size}, {p}"


def ceiling_sentences(of_target: Mapping[str, Any]) -> list[str]:
    """Say how far the model is from the known ceiling; nothing for real cohorts."""
    ceiling = of_target["ceiling"]
    if ceiling is None or ceiling["above_model"]["point"] is None:
        return []
    gap = ceiling["above_model"]
    size, side = (gap, "above") if gap["point"] >= 0 else (_turned(gap), "below")
    return [
        f"the true risk reaches {with_interval(ceiling['auroc'])}: {with_interval(size)} {side} "
        f"{ceiling['method']} with {ceiling['availability']}"
    ]


def verdict_sentences(results: Mapping[str, Any]) -> list[str]:
    """Say whether fusion helps: for each target, and last of all for the run."""
    of_targets = [of_target["verdict"] for of_target in results["targets"].values()]
    if len(of_targets) == 1:
        return [results["verdict"]["sentence"]]
    said = [
        f"{target}: {one['sentence']}"
        for target, one in zip(results["targets"], of_targets, strict=True)
    ]
    return [*said, results["verdict"]["sentence"]]


def _turned(difference: Mapping[str, Any]) -> dict[str, Any]:
    """Return a difference seen from the other side."""
    low, high = difference["low"], difference["high"]
    ends = {"low": None, "high": None} if low is None else {"low": -high, "high": -low}
    return {"point": -difference["point"], **ends}
