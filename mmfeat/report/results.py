"""From predictions to results: every number with its interval, as one document of plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mmfeat.progress import Progress
from mmfeat.report.complete_cases import compare_complete_cases
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases, View, joined, read_views
from mmfeat.report.summary import ResultOptions, summarise
from mmfeat.report.verdict import over_targets, whole_verdict

NOTES = (
    "Only cases in a test part are counted; a probability is the mean over the seeds.",
    "simulated: for each set of modalities, the cases that have them all, seen through that set "
    "only. The cases differ between sets; complete_cases compares all sets on the same cases.",
    "auroc: only cases of one fold are compared, since each fold has a model of its own; it is "
    "the mean of the folds' AUROCs, weighted by their pairs of a positive and a negative case. ROC "
    "curves and all other metrics pool the folds, but for c_index and spearman.",
    "tests: a difference of the first metric has its p-value from the bootstrap over patients, by "
    "DeLong's test of AUROC within folds and patients, and by the corrected resampled t-test over "
    "folds; p_holm is the first one, adjusted over its family of comparisons.",
    "verdict: yes where the first method with everything has a higher first metric than every "
    "single modality by every method, and than the average; each interval has to be above zero.",
    "natural: every case once, with what it really has. Cases that lack a modality may differ from "
    "those that have it, so natural and simulated results are not to be mixed.",
)


def build_results(
    frame: pd.DataFrame,
    *,
    kinds: Mapping[str, str],
    methods: Sequence[str],
    modalities: Sequence[str],
    options: ResultOptions,
    true_risk: Mapping[str, Mapping[str, float]],
    progress: Progress,
) -> dict[str, Any]:
    """Return the results of all targets in a predictions table.

    Args:
        frame: Predictions, as described in docs/file-formats.md.
        kinds: Kind of each target.
        methods: Methods in the order of the settings; the first in the table is the default.
        modalities: Names of all modalities, in order.
        options: How intervals are made.
        true_risk: For some binary targets, each case's true probability; empty for real cohorts.
        progress: Told about every set of predictions.
    """
    views = read_views(frame, kinds)
    found = list(dict.fromkeys(view.method for view in views))
    ordered = [name for name in methods if name in found]
    ordered += [name for name in found if name not in ordered]
    targets = [name for name in kinds if any(view.target == name for view in views)]
    progress.start("intervals", len(views) + len(targets))
    results = {}
    for target in targets:
        of_target = {view: cases for view, cases in views.items() if view.target == target}
        results[target] = _target_results(
            of_target,
            methods=ordered,
            modalities=modalities,
            options=options,
            true_risk=true_risk.get(target),
            progress=progress,
        )
    verdicts = {target: of_target["verdict"] for target, of_target in results.items()}
    for target, p in over_targets(verdicts).items():
        verdicts[target]["p_holm"] = p
    return {
        "modalities": list(modalities),
        "methods": ordered,
        "default_method": ordered[0],
        "intervals": {
            "method": "percentile bootstrap over patients",
            "resamples": options.n_resamples,
            "confidence": options.confidence,
            "calibration_bins": options.bins,
            "seed": options.seed,
        },
        "verdict": whole_verdict(verdicts),
        "targets": results,
        "notes": list(NOTES),
    }


def sorted_availabilities(names: Sequence[str], modalities: Sequence[str]) -> list[str]:
    """Return availabilities from the most modalities to the fewest, then as in the settings.

    Example:
        >>> sorted_availabilities(["b", "a", "a+b"], ["a", "b"])
        ['a+b', 'a', 'b']
    """

    def place(name: str) -> tuple[int, list[int]]:
        parts = name.split("+")
        return -len(parts), [list(modalities).index(part) for part in parts]

    return sorted(dict.fromkeys(names), key=place)


def _target_results(
    views: Mapping[View, ScoredCases],
    *,
    methods: Sequence[str],
    modalities: Sequence[str],
    options: ResultOptions,
    true_risk: Mapping[str, float] | None,
    progress: Progress,
) -> dict[str, Any]:
    of_methods: dict[str, Any] = {}
    for method in methods:
        entries: dict[str, Any] = {"simulated": {}, "natural": {}, "natural_by_availability": {}}
        for regime, place in (("simulated", "simulated"), ("natural", "natural_by_availability")):
            sets = {
                view.availability: cases
                for view, cases in views.items()
                if (view.method, view.regime) == (method, regime)
            }
            for name in sorted_availabilities(list(sets), modalities):
                entries[place][name] = summarise(sets[name], options)
                progress.advance(note=method)
            if regime == "natural" and sets:
                entries["natural"] = summarise(joined(list(sets.values())), options)
        if any(entries.values()):
            of_methods[method] = entries
    simulated = {
        (view.method, view.availability): cases
        for view, cases in views.items()
        if view.regime == "simulated"
    }
    available = sorted_availabilities([name for _, name in simulated], modalities)
    compared = compare_complete_cases(
        simulated,
        methods=list(of_methods),
        availabilities=available,
        modalities=modalities,
        options=options,
        true_risk=true_risk,
    )
    progress.advance(note="complete cases")
    any_cases = next(iter(views.values()))
    return {
        "kind": any_cases.kind,
        "headline": headline_of(any_cases.kind).metric,
        "outputs": list(any_cases.yes_or_no or any_cases.outputs),
        "availabilities": available,
        "methods": of_methods,
        **compared,
    }
