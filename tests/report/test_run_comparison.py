import dataclasses
import json

import numpy as np
import pytest

from mmfeat.errors import EvalError
from mmfeat.metrics import auroc_within_folds
from mmfeat.report.evaluated_run import AS_THEY_COME, EvaluatedRun
from mmfeat.report.run_comparison import compare_runs
from mmfeat.report.scored_cases import View

from .scored_sets import scored_sets

FULL = "ct+clinical"
INTERVALS = {"resamples": 200, "confidence": 0.95, "calibration_bins": 10, "seed": 0}


def _run(name, noise, target="cancer", **changes):
    """Return a run with predictions of all cases by each key of noise."""
    sets = scored_sets(noise, **changes)
    methods = dict.fromkeys(method for method, _ in noise)
    views = {View(target, method, "simulated", seen): one for (method, seen), one in sets.items()}
    views |= {
        View(target, method, "natural", FULL): one
        for (method, seen), one in sets.items()
        if seen == FULL
    }
    of_target = {
        "kind": "binary",
        "outputs": ["1"],
        "availabilities": list(dict.fromkeys(seen for _, seen in noise)),
        "methods": {method: {} for method in methods},
    }
    results = {
        "modalities": ["ct", "clinical"],
        "default_method": next(iter(methods)),
        "intervals": INTERVALS,
        "versions": {},
        "targets": {target: of_target},
    }
    return EvaluatedRun(name, results, views)


@pytest.fixture(scope="module")
def runs():
    old = _run("old", {("mmfeat", FULL): 2.0, ("average", FULL): 2.5, ("mmfeat", "ct"): 3.0})
    new = _run("new", {("mmfeat", FULL): 0.3, ("paper", FULL): 1.0, ("mmfeat", "ct"): 3.0})
    return [old, new]


@pytest.fixture(scope="module")
def compared(runs):
    return compare_runs(runs, "old")


def _auroc(run, method, seen=FULL):
    cases = run.views[View("cancer", method, "simulated", seen)]
    return auroc_within_folds(cases.labels[:, 0], cases.probabilities[:, 0], cases.folds)


def test_it_is_plain_values_with_a_leaderboard(runs, compared):
    assert json.loads(json.dumps(compared, allow_nan=False)) == compared
    block = compared["targets"]["cancer"]
    assert block["availabilities"] == [FULL, "ct", AS_THEY_COME]
    board = block["leaderboard"]
    assert [(row["rank"], row["run"], row["method"]) for row in board[:2]] == [
        (1, "new", "mmfeat"),
        (2, "new", "paper"),
    ]
    values = {(row["run"], row["method"]): row["values"] for row in board}
    assert values["old", "average"].keys() == {FULL, AS_THEY_COME}
    assert values["old", "mmfeat"]["ct"]["point"] == pytest.approx(_auroc(runs[0], "mmfeat", "ct"))
    assert values["new", "paper"][FULL]["point"] == pytest.approx(_auroc(runs[1], "paper"))


def test_each_method_is_compared_with_its_like_or_the_default_one(runs, compared):
    differences = compared["targets"]["cancer"]["differences"]
    pairs = {
        (one["run"], one["method"], one["minus_run"], one["minus_method"], one["availability"])
        for one in differences
    }
    assert pairs == {
        ("new", "mmfeat", "old", "mmfeat", FULL),
        ("new", "paper", "old", "mmfeat", FULL),
        ("new", "mmfeat", "old", "mmfeat", "ct"),
        ("new", "mmfeat", "old", "mmfeat", AS_THEY_COME),
        ("new", "paper", "old", "mmfeat", AS_THEY_COME),
    }
    first = differences[0]
    gain = _auroc(runs[1], "mmfeat") - _auroc(runs[0], "mmfeat")
    assert first["difference"]["point"] == pytest.approx(gain)
    assert first["difference"]["low"] > 0
    assert first["tests"]["n_family"] == 5
    assert first["tests"]["delong"]["p"] < 0.05
    assert first["tests"]["p_holm"] >= first["tests"]["p_bootstrap"]


def test_one_run_alone_has_a_leaderboard_only(runs):
    block = compare_runs(runs[:1], "old")["targets"]["cancer"]
    assert len(block["leaderboard"]) == 2
    assert block["differences"] == []


def test_other_splits_are_noted_and_leave_the_bootstrap_alone(runs):
    views = {
        view: dataclasses.replace(cases, folds=cases.folds[::-1].copy())
        for view, cases in runs[1].views.items()
    }
    compared = compare_runs([runs[0], dataclasses.replace(runs[1], views=views)], "old")
    assert compared["notes"][0].startswith("The runs have other splits.")
    tests = compared["targets"]["cancer"]["differences"][0]["tests"]
    assert "other splits" in tests["delong"]["reason"]
    assert tests["p_bootstrap"] is not None


def test_a_target_of_one_run_only_is_left_out_with_a_note(runs):
    other = {"stage": runs[0].results["targets"]["cancer"]}
    results = {**runs[0].results, "targets": runs[0].results["targets"] | other}
    compared = compare_runs([dataclasses.replace(runs[0], results=results), runs[1]], "new")
    assert list(compared["targets"]) == ["cancer"]
    assert compared["notes"] == ["`stage` is not in every run, and left out"]
    assert compared["baseline"] == "new"


def test_runs_without_a_common_target_are_refused(runs):
    other = _run("other", {("mmfeat", FULL): 1.0}, target="stage")
    with pytest.raises(EvalError, match=r"no target in common \(old: cancer; other: stage\)"):
        compare_runs([runs[0], other], "old")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"n_cases": 157},
            r"cancer`, ct\+clinical: 3 cases \(`case-157`, `case-158`, `case-159`\)",
        ),
        ({"n_cases": 161}, r"case `case-160` is predicted and labelled in new, but not in old"),
        ({"seed": 1}, r"cases \(`case-\d+`, .*\) are of another label in new than in old"),
    ],
)
def test_other_cases_or_labels_are_refused_with_their_names(runs, change, message):
    new = _run("new", {("mmfeat", FULL): 0.3}, **change)
    with pytest.raises(EvalError, match=message):
        compare_runs([runs[0], new], "old")


def test_unknown_labels_are_no_difference_but_leave_the_case_out(runs):
    labels = next(iter(runs[0].views.values())).labels.copy()
    labels[:20] = np.nan
    gappy = [
        dataclasses.replace(
            run,
            views={
                view: dataclasses.replace(cases, labels=labels) for view, cases in run.views.items()
            },
        )
        for run in runs
    ]
    board = compare_runs(gappy, "old")["targets"]["cancer"]["leaderboard"]
    assert board[0]["values"][FULL]["n"] == 140
