import dataclasses
import json

import numpy as np
import pytest

from mmfeat.metrics import bootstrap, corrected_resampled_t
from mmfeat.report.curves import headline_set
from mmfeat.report.paired_tests import PairedTests, adjusted
from mmfeat.report.summary import ResultOptions, by_fold

from .scored_sets import scored_sets

OPTIONS = ResultOptions(n_resamples=200, confidence=0.9)


def _tests(sets):
    found = bootstrap(
        {key: headline_set(cases, 10) for key, cases in sets.items()},
        next(iter(sets.values())).patient_ids,
        n_resamples=200,
        confidence=0.9,
        seed=0,
    )
    return PairedTests(sets, found, OPTIONS)


@pytest.fixture(scope="module")
def sets():
    return scored_sets({"good": 0.5, "poor": 2.0})


def test_the_corrected_t_is_of_the_folds_differences(sets):
    tested = _tests(sets).of("good", "poor")
    folds = [list(by_fold(sets[name], 10)["folds"].values()) for name in ("good", "poor")]
    differences = np.subtract(*folds)
    expected = corrected_resampled_t(differences, 1 / 3, confidence=0.9)
    found = tested["corrected_t"]
    assert (found["mean"], found["p"]) == pytest.approx((expected.mean, expected.p))
    assert (found["n_folds"], found["test_to_train"]) == (4, pytest.approx(1 / 3))


def test_all_three_look_at_the_same_difference(sets):
    tests = _tests(sets)
    gain, tested = tests.difference("good", "poor"), tests.of("good", "poor")
    assert tested["metric"] == "auroc"
    assert tested["p_bootstrap"] == gain["p"]
    assert tested["delong"]["difference"] == pytest.approx(gain["point"])
    assert tested["delong"]["low"] == pytest.approx(gain["low"], abs=0.03)
    assert tested["delong"]["p"] < 0.05
    assert tested["corrected_t"]["mean"] == pytest.approx(gain["point"], abs=0.03)


def test_a_fold_without_both_classes_is_left_out_and_one_fold_is_too_few(sets):
    labels = sets["good"].labels.copy()
    labels[sets["good"].folds > 0] = 0
    two_cases = np.flatnonzero(sets["good"].folds == 1)[:2]
    labels[two_cases] = 1
    part = {name: dataclasses.replace(one, labels=labels) for name, one in sets.items()}
    assert _tests(part).of("good", "poor")["corrected_t"]["n_folds"] == 2
    labels[two_cases] = 0
    reason = _tests(part).of("good", "poor")["corrected_t"]["reason"]
    assert reason == "1 of 4 folds has a value; it needs two"


def test_other_splits_leave_the_bootstrap_alone(sets):
    turned = dataclasses.replace(sets["poor"], folds=sets["poor"].folds[::-1].copy())
    tested = _tests({"good": sets["good"], "poor": turned}).of("good", "poor")
    assert (
        tested["delong"]
        == tested["corrected_t"]
        == {"reason": "the two were predicted with other splits"}
    )
    assert tested["p_bootstrap"] < 0.05


def test_a_family_has_holms_p_values():
    tests = [{"p_bootstrap": p} for p in (0.01, None, 0.04)]
    assert adjusted(tests, "methods") == [
        {"p_bootstrap": 0.01, "family": "methods", "n_family": 2, "p_holm": 0.02},
        {"p_bootstrap": None, "family": "methods", "n_family": 2, "p_holm": None},
        {"p_bootstrap": 0.04, "family": "methods", "n_family": 2, "p_holm": 0.04},
    ]


def test_delongs_z_of_a_perfect_and_a_reversed_order_is_none_and_can_be_written(sets):
    labels = sets["good"].labels
    ordered = {
        name: dataclasses.replace(sets["good"], probabilities=answers)
        for name, answers in (("perfect", labels), ("reversed", 1 - labels))
    }
    tested = _tests(ordered).of("perfect", "reversed")["delong"]
    assert (tested["difference"], tested["z"], tested["p"]) == (1, None, 0)
    json.dumps(tested, allow_nan=False)
