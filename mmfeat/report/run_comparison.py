"""Several evaluated runs side by side, on the very same cases."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmfeat.metrics import bootstrap
from mmfeat.report.curves import headline_set
from mmfeat.report.evaluated_run import AS_THEY_COME, EvaluatedRun
from mmfeat.report.headline import headline_of
from mmfeat.report.paired_tests import PairedTests, adjusted
from mmfeat.report.results import sorted_availabilities
from mmfeat.report.same_cases import check_same_cases, check_same_target
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions

OTHER_SPLITS = (
    "The runs have other splits. AUROC and C compare cases of one test part, so part of a "
    "difference may be due to the splits."
)
Key = tuple[str, str]
"""A run and a method."""


def compare_runs(runs: Sequence[EvaluatedRun], baseline: str) -> dict[str, Any]:
    """Return for each target a leaderboard, and each run's differences to the baseline.

    Args:
        runs: At least one, each with another name.
        baseline: Name of the run with which the others are compared.

    Raises:
        EvalError: The runs have no target in common, or predict other cases or other labels.
    """
    first = next(run for run in runs if run.name == baseline)
    options = _options(first.results["intervals"])
    shared = [
        target
        for target in first.results["targets"]
        if all(target in one.results["targets"] for one in runs)
    ]
    check_same_target({run.name: run.results["targets"] for run in runs}, shared)
    targets = {target: _of_target(runs, first, target, options) for target in shared}
    notes = _notes(runs, shared)
    if not all(one["same_splits"] for one in targets.values()):
        notes.append(OTHER_SPLITS)
    return {
        "baseline": baseline,
        "runs": [
            {
                "name": run.name,
                "default_method": run.results["default_method"],
                "modalities": run.results["modalities"],
                "versions": run.results["versions"],
                "verdict": run.results.get("verdict"),
            }
            for run in runs
        ],
        "intervals": first.results["intervals"],
        "targets": targets,
        "notes": notes,
    }


def _options(intervals: Mapping[str, Any]) -> ResultOptions:
    """Return how the baseline's intervals were made, which are made again for all runs."""
    return ResultOptions(
        intervals["resamples"],
        intervals["confidence"],
        intervals["calibration_bins"],
        intervals["seed"],
    )


def _notes(runs: Sequence[EvaluatedRun], shared: Sequence[str]) -> list[str]:
    every = dict.fromkeys(target for run in runs for target in run.results["targets"])
    lone = [target for target in every if target not in shared]
    return [f"`{target}` is not in every run, and left out" for target in lone]


def _of_target(
    runs: Sequence[EvaluatedRun], baseline: EvaluatedRun, target: str, options: ResultOptions
) -> dict[str, Any]:
    block = baseline.results["targets"][target]
    available = [set(run.results["targets"][target]["availabilities"]) for run in runs]
    names = sorted_availabilities(
        list(set.intersection(*available)), baseline.results["modalities"]
    )
    columns = {name: _column(runs, target, name) for name in [*names, AS_THEY_COME]}
    values: dict[Key, dict[str, Any]] = {}
    differences: list[dict[str, Any]] = []
    for name, sets in columns.items():
        if not sets:
            continue
        estimates, of_column = _compared(sets, runs, baseline, target=target, options=options)
        for key, estimate in estimates.items():
            values.setdefault(key, {})[name] = estimate
        differences += [{**one, "availability": name} for one in of_column]
    family = adjusted([one["tests"] for one in differences], "runs")
    return {
        "kind": block["kind"],
        "metric": headline_of(block["kind"]).metric,
        "availabilities": [name for name, sets in columns.items() if sets],
        "leaderboard": _ranked(values, next((name for name in columns if columns[name]), "")),
        "differences": [
            {**one, "tests": tests} for one, tests in zip(differences, family, strict=True)
        ],
        "same_splits": all(_same_splits(sets) for sets in columns.values()),
    }


def _column(runs: Sequence[EvaluatedRun], target: str, availability: str) -> dict[Key, ScoredCases]:
    """Return the cases of one column by run and method, all the same ones."""
    found = {
        (run.name, method): cases
        for run in runs
        for method in run.methods(target)
        if (cases := run.column(target, method, availability)) is not None and len(cases)
    }
    check_same_cases(found, f"`{target}`, {availability}")
    return found


def _same_splits(sets: Mapping[Key, ScoredCases]) -> bool:
    folds = [cases.folds for cases in sets.values()]
    return all((one == folds[0]).all() for one in folds)


def _compared(
    sets: Mapping[Key, ScoredCases],
    runs: Sequence[EvaluatedRun],
    baseline: EvaluatedRun,
    *,
    target: str,
    options: ResultOptions,
) -> tuple[dict[Key, dict[str, Any]], list[dict[str, Any]]]:
    """Return the first metric of each set, and the differences to the baseline."""
    found = bootstrap(
        {key: headline_set(cases, options.bins) for key, cases in sets.items()},
        next(iter(sets.values())).patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    tests = PairedTests(sets, found, options)
    estimates = {key: found.estimate(key, tests.headline).to_json() for key in sets}
    differences = [
        {
            "run": left[0],
            "method": left[1],
            "minus_run": right[0],
            "minus_method": right[1],
            "difference": tests.difference(left, right),
            "tests": tests.of(left, right),
        }
        for left, right in _pairs(runs, baseline, target)
        if left in sets and right in sets
    ]
    return estimates, differences


def _pairs(
    runs: Sequence[EvaluatedRun], baseline: EvaluatedRun, target: str
) -> Iterator[tuple[Key, Key]]:
    """Give each method of the other runs with the same one of the baseline, or its default one."""
    known = baseline.methods(target)
    for run in runs:
        if run is not baseline:
            for method in run.methods(target):
                rival = method if method in known else known[0]
                yield (run.name, method), (baseline.name, rival)


def _ranked(values: Mapping[Key, Mapping[str, Any]], column: str) -> list[dict[str, Any]]:
    """Return all runs and methods, the best in the first column first."""

    def place(key: Key) -> float:
        point = values[key].get(column, {}).get("point")
        return float("inf") if point is None else -float(point)

    return [
        {"rank": rank, "run": key[0], "method": key[1], "values": dict(values[key])}
        for rank, key in enumerate(sorted(values, key=place), start=1)
    ]
