"""Results of groups of cases, and how far they are apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics import Bootstrap, MetricSet, bootstrap
from mmfeat.metrics.holm import holm
from mmfeat.metrics.mean_errors import MeanErrors
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.part_of_cases import PartOfCases
from mmfeat.report.curves import headline_set
from mmfeat.report.groupings import Grouping
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions, counts, metrics_json

SUBGROUPS_NOTE = (
    "subgroups: every case once, with what it really has. A group differs in how ill its cases "
    "are, too, so a gap in AUROC need not be the model's doing. observed_minus_predicted: above 0 "
    "the model promises the group too little. gaps: each group minus the largest one on the same "
    "resamples of patients, p with Holm's correction over all gaps of the target."
)
Key = tuple[str, str]
"""A method and a group."""
_ERRORS = ""
"""Stands for the default method's mean errors."""


def subgroups_block(
    natural: Mapping[str, ScoredCases],
    groupings: Sequence[Grouping],
    *,
    least: int,
    options: ResultOptions,
) -> dict[str, Any]:
    """Return the results of all groups of one target.

    Args:
        natural: Predictions of every case with what it has, by method; the first is the default.
        groupings: Ways to divide the labelled cases of the default method, in their order.
        least: Fewest positive, and fewest negative, cases of a group that is judged.
        options: How intervals are made.
    """
    if not groupings:
        return {"reason": "no groups: name some under eval.subgroups"}
    method = next(iter(natural))
    found = [_of_grouping(natural, one, least, options) for one in groupings]
    gaps = [
        difference
        for block in found
        for gap in block["gaps"]
        for difference in gap["metrics"].values()
    ]
    for difference, p in zip(gaps, holm([one["p"] for one in gaps]), strict=True):
        difference["p_holm"] = p
    return {"least": least, "method": method, "groupings": found}


def too_few(cases: ScoredCases, least: int) -> str | None:
    """Say why a group is too small to be judged, if it is."""
    if cases.kind == "regression":
        return None if len(cases) >= least else f"{len(cases)} cases, fewer than {least}"
    if cases.kind == "time_to_event":
        n_events = int((cases.labels[:, -1] >= 0).sum())
        return None if n_events >= least else f"{n_events} events, fewer than {least}"
    for output, column in zip(cases.outputs, cases.labels.T, strict=True):
        of_output = "" if cases.kind == "binary" else f" of `{output}`"
        for name, number in (("positive", (column == 1).sum()), ("negative", (column == 0).sum())):
            if number < least:
                return f"{number} {name} cases{of_output}, fewer than {least}"
    return None


def _of_grouping(
    natural: Mapping[str, ScoredCases], grouping: Grouping, least: int, options: ResultOptions
) -> dict[str, Any]:
    cases = next(iter(natural.values()))
    rows = {
        group: np.flatnonzero(grouping.group_of == group)
        for group in grouping.groups
        if (grouping.group_of == group).any()
    }
    reasons = {group: too_few(cases.take(chosen), least) for group, chosen in rows.items()}
    judged = [group for group, reason in reasons.items() if reason is None]
    found = _bootstrapped(natural, {group: rows[group] for group in judged}, options)
    entries = []
    for group, chosen in rows.items():
        entry = {"group": group, **counts(cases.take(chosen)), "suppressed": reasons[group]}
        entry |= {"metrics": None, "by_method": None}
        if group in judged and found is not None:
            entry |= _metrics(found, list(natural), group, cases.kind)
        entries.append(_with_own_patients(entry))
    block: dict[str, Any] = {
        "name": grouping.name,
        "source": grouping.source,
        "bands": list(grouping.bands) or None,
        "groups": entries,
        "reference": None,
        "gaps": [],
    }
    if len(rows) < 2:
        return {**block, "reason": "all cases are in one group"}
    if found is None or len(judged) < 2:
        return {**block, "reason": "fewer than two groups are large enough to be compared"}
    reference = max(judged, key=lambda group: len(rows[group]))
    gaps = [_gap(found, next(iter(natural)), group, reference, cases) for group in judged]
    return {**block, "reference": reference, "gaps": [gap for gap in gaps if gap is not None]}


def _bootstrapped(
    natural: Mapping[str, ScoredCases],
    rows: Mapping[str, NDArray[np.int64]],
    options: ResultOptions,
) -> Bootstrap[Key] | None:
    """Return the first metric of every method, and the mean errors of the default one."""
    if not rows:
        return None
    sets: dict[Key, MetricSet] = {}
    for method, cases in natural.items():
        for group, chosen in rows.items():
            own = headline_set(cases.take(chosen), options.bins)
            sets[method, group] = PartOfCases(own, chosen, n_cases=len(cases))
    first = next(iter(natural.values()))
    for group, chosen in rows.items():
        own = _mean_errors(first.take(chosen))
        sets[_ERRORS, group] = PartOfCases(own, chosen, n_cases=len(first))
    return bootstrap(
        sets,
        first.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )


def _metrics(
    found: Bootstrap[Key], methods: Sequence[str], group: str, kind: str
) -> dict[str, Any]:
    key = MetricKey(headline_of(kind).metric)
    first = {key.metric: found.estimate((methods[0], group), key).to_json()}
    errors = metrics_json(found, (_ERRORS, group))
    return {
        "metrics": first | errors.pop("metrics"),
        **errors,
        "by_method": {
            method: {key.metric: found.estimate((method, group), key).to_json()}
            for method in methods
        },
    }


def _with_own_patients(entry: dict[str, Any]) -> dict[str, Any]:
    """Correct the number of patients: the resamples are of all, the estimate of one group."""
    tables = [entry["metrics"] or {}, *(entry["by_method"] or {}).values()]
    tables += list(entry.get("outputs", {}).values())
    for table in tables:
        for estimate in table.values():
            estimate["n_patients"] = entry["n_patients"]
    return entry


def _mean_errors(cases: ScoredCases) -> MeanErrors:
    if cases.kind == "time_to_event":
        cases = cases.at_horizons()
    return MeanErrors(cases.labels, cases.probabilities, outputs=cases.outputs)


def _gap(
    found: Bootstrap[Key], method: str, group: str, reference: str, cases: ScoredCases
) -> dict[str, Any] | None:
    if group == reference:
        return None
    key = MetricKey(headline_of(cases.kind).metric)
    difference = found.difference((method, group), (method, reference), key)
    return {
        "group": group,
        "minus_group": reference,
        "metrics": {key.metric: difference.to_json()},
    }
