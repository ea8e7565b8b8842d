from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from mmfeat.metrics.threshold_rules import ThresholdRule
from mmfeat.report.operating_points import operating_points_block
from mmfeat.report.summary import ResultOptions

from .decision_cases import made_pairs

RULES = ["max_f1", "specificity>=0.9"]
QUICK = ResultOptions(n_resamples=100)


@pytest.fixture(scope="module")
def pairs(made_predictions):
    return made_pairs(made_predictions)


@pytest.fixture(scope="module")
def block(pairs):
    return operating_points_block(pairs, rules=RULES, options=QUICK)


def test_each_folds_threshold_is_that_of_its_validation_part(pairs, block):
    found = block["methods"]["mmfeat"]["simulated"]["ct"]["outputs"]["1"]["points"]["max_f1"]
    for fold in range(5):
        validation = pairs[1].validation_cases(fold)
        expected = ThresholdRule.of("max_f1").choose(
            validation.labels[:, 0], validation.probabilities[:, 0]
        )
        assert found["thresholds"][str(fold)] == expected


def test_test_parts_are_called_by_the_threshold_of_their_fold(pairs, block):
    cases = pairs[3].cases
    found = block["methods"]["mmfeat"]["natural"]["outputs"]["1"]["points"]["max_f1"]
    thresholds = np.array([found["thresholds"][str(fold)] for fold in cases.folds])
    called = cases.probabilities[:, 0] >= thresholds
    tn, fp, fn, tp = confusion_matrix(cases.labels[:, 0], called).ravel()
    assert {name: found[name] for name in ("tp", "fp", "fn", "tn")} == {
        "tp": tp,
        "fp": fp,
        "fn": fn,
        "tn": tn,
    }
    assert found["f1"]["point"] == pytest.approx(f1_score(cases.labels[:, 0], called), abs=1e-12)
    assert found["f1"]["low"] < found["f1"]["point"] < found["f1"]["high"]
    assert found["n"] == len(cases)


def test_nothing_of_the_test_part_changes_a_threshold(made_predictions, block):
    def turned_round(frame):
        return frame.assign(label=1 - frame["label"], probability=1 - frame["prediction"])

    changed = made_pairs(made_predictions, change_test=turned_round)
    other = operating_points_block(changed, rules=RULES, options=QUICK)
    for regime in ("simulated", "natural"):
        left, right = (one["methods"]["logistic"][regime] for one in (block, other))
        left, right = (one.get("ct", one) for one in (left, right))
        for rule in RULES:
            points = [one["outputs"]["1"]["points"][rule] for one in (left, right)]
            assert points[0]["thresholds"] == points[1]["thresholds"]
            assert points[0]["tp"] != points[1]["tp"]


def test_every_class_has_points_and_the_most_probable_ones_a_confusion_table(made_predictions):
    pairs = made_pairs(made_predictions, "stage")
    found = operating_points_block(pairs, rules=RULES, options=QUICK)
    natural = found["methods"]["mmfeat"]["natural"]
    assert list(natural["outputs"]) == ["I", "II", "III"]
    cases = pairs[3].cases
    true, called = cases.labels.argmax(axis=1), cases.probabilities.argmax(axis=1)
    assert natural["confusion"]["counts"] == confusion_matrix(true, called).tolist()
    recall = natural["confusion"]["by_class"]["II"]["sensitivity"]["point"]
    assert recall == pytest.approx((called == true)[true == 1].mean())


def test_each_label_counts_the_cases_in_which_it_is_known(made_predictions):
    pairs = made_pairs(made_predictions, "findings")
    found = operating_points_block(pairs, rules=["youden"], options=QUICK)
    for column, name in enumerate(["nodule", "emphysema"]):
        point = found["methods"]["mmfeat"]["natural"]["outputs"][name]["points"]["youden"]
        assert point["n"] == (~np.isnan(pairs[3].cases.labels[:, column])).sum()


def test_a_fold_of_one_class_in_validation_is_left_out_and_named(pairs):
    def one_class(cases):
        return cases.take(np.flatnonzero(cases.labels[:, 0] == 1))

    parts = {name: one_class(cases) for name, cases in pairs[0].validation[3].items()}
    pair = replace(pairs[0], validation={**pairs[0].validation, 3: parts})
    found = operating_points_block([pair], rules=["youden"], options=QUICK)
    point = found["methods"]["mmfeat"]["simulated"]["ct+clinical"]["outputs"]["1"]["points"][
        "youden"
    ]
    assert point["thresholds"]["3"] is None
    assert point["reason"] == "without fold 3: no threshold, one class in validation"
    assert point["n"] == (pair.cases.folds != 3).sum()


def test_without_validation_it_says_what_to_do(made_predictions):
    pairs = made_pairs(made_predictions, with_validation=False, n_patients=30)
    found = operating_points_block(pairs, rules=RULES, options=QUICK)
    assert "run `mmfeat train` with" in found["methods"]["mmfeat"]["natural"]["reason"]


def test_no_rules_switch_it_off(pairs):
    assert operating_points_block(pairs, rules=[], options=QUICK) == {
        "reason": "switched off by eval.operating_points"
    }
