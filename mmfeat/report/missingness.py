"""Does it say something of the label by itself that a modality or a cell is missing?"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics import bootstrap
from mmfeat.metrics.association import (
    Association,
    association_of_classes,
    association_of_numbers,
)
from mmfeat.metrics.holm import holm
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.report.curves import headline_set
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions, counts

MISSINGNESS_NOTE = (
    "missingness: a linear model that sees only which modalities a case has and how many cells of "
    "its records are empty, fitted within the same folds. Where it predicts, gaps are not at "
    "random: a model may learn who was examined, and complete cases are a selection. tests: "
    "whether the label differs between patterns of modalities, by permutation of patients, with "
    "Holm's correction over the outputs."
)


def missingness_block(
    scored: ScoredCases,
    patterns: Sequence[str],
    *,
    predictors: Sequence[str],
    incomplete: NDArray[np.bool_],
    options: ResultOptions,
) -> dict[str, Any]:
    """Return what missingness says of one target.

    Args:
        scored: Predictions by missingness alone, of every case of a test part.
        patterns: The modalities that each of them has, joined by +.
        predictors: What the model saw.
        incomplete: Which of the cases lack a modality or a cell: ``(cases,)``.
        options: How intervals are made.
    """
    rows = np.flatnonzero((~np.isnan(scored.labels)).any(axis=1))
    cases, names = scored.take(rows), np.asarray(patterns, dtype=object)[rows]
    if not len(cases):
        return {"reason": "no case of a test part has a label"}
    headline = headline_of(cases.kind)
    found = bootstrap(
        {"cases": headline_set(cases, options.bins)},
        cases.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    estimate = found.estimate("cases", MetricKey(headline.metric))
    return {
        **counts(cases),
        "fraction_incomplete": float(incomplete[rows].mean()),
        "predictors": list(predictors),
        "metrics": {headline.metric: estimate.to_json()},
        "no_skill": headline.no_skill,
        "predicts": None if estimate.low is None else estimate.low > headline.no_skill,
        "patterns": _patterns(cases, names),
        "tests": _tests(cases, names, options),
    }


def _patterns(cases: ScoredCases, names: NDArray[np.object_]) -> list[dict[str, Any]]:
    """Return the patterns, the commonest first, with the share of each output or the mean."""
    found = []
    for name in sorted(set(names), key=lambda one: (-(names == one).sum(), one)):
        part = cases.take(names == name)
        entry: dict[str, Any] = {"pattern": name, "n": len(part)}
        if cases.kind == "regression":
            entry["mean"] = float(part.labels[:, 0].mean())
        else:
            entry["shares"] = {
                output: float(known.mean()) if len(known) else None
                for output, column in zip(cases.yes_or_no, part.labels.T, strict=False)
                for known in [column[~np.isnan(column)]]
            }
        found.append(entry)
    return found


def _tests(
    cases: ScoredCases, names: NDArray[np.object_], options: ResultOptions
) -> list[dict[str, Any]]:
    if cases.kind == "regression":
        columns = {cases.outputs[0]: cases.labels[:, 0]}
    elif cases.kind == "multiclass":
        columns = {"all classes": cases.labels.argmax(axis=1).astype(np.float64)}
    else:
        columns = dict(zip(cases.yes_or_no, cases.labels.T, strict=False))
    entries: list[dict[str, Any]] = []
    for output, values in columns.items():
        known = ~np.isnan(values)
        test = association_of_numbers if cases.kind == "regression" else association_of_classes
        found: Association | None = test(
            names[known].astype(str),
            values[known],
            cases.patient_ids[known],
            n_permutations=options.n_resamples,
            seed=options.seed,
        )
        if found is None:
            reason = "all cases have the same modalities, or the same label"
            entries.append({"output": output, "n": int(known.sum()), "p": None, "reason": reason})
        else:
            entries.append({"output": output, "n": int(known.sum()), **asdict(found)})
    for entry, p in zip(entries, holm([entry["p"] for entry in entries]), strict=True):
        entry["p_holm"] = p
    return entries
