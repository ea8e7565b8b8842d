from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss

from mmfeat.report.worst_cases import case_losses, worst_cases_block

from .decision_cases import made_pairs


@pytest.fixture(scope="module")
def natural(made_predictions):
    def of(target):
        return made_pairs(made_predictions, target, with_validation=False, n_patients=60)[3]

    return {target: of(target) for target in ("cancer", "stage", "findings")}


@pytest.mark.parametrize("target", ["cancer", "stage"])
def test_the_mean_of_the_losses_is_the_log_loss_of_scikit_learn(natural, target):
    cases = natural[target].cases
    labels = cases.labels if target == "stage" else cases.labels[:, 0]
    values = cases.probabilities if target == "stage" else cases.probabilities[:, 0]
    assert case_losses(cases).mean() == pytest.approx(log_loss(labels, values), abs=1e-12)


def test_the_worst_case_comes_first_with_what_it_had_and_what_was_said(natural):
    pair = natural["cancer"]
    block = worst_cases_block([pair], most=5)
    listed = block["methods"]["mmfeat"]
    losses = case_losses(pair.cases)
    assert [one["loss"] for one in listed] == sorted(losses, reverse=True)[:5]
    first = listed[0]
    row = pair.cases.case_ids.tolist().index(first["case_id"])
    assert first["prediction"] == pair.cases.probabilities[row, 0]
    assert first["label"] == pair.cases.labels[row, 0]
    assert first["case_id"] in pair.test[first["availability"]].case_ids
    assert abs(first["label"] - first["prediction"]) > 0.5


def test_classes_are_named(natural):
    first = worst_cases_block([natural["stage"]], most=1)["methods"]["mmfeat"][0]
    assert first["label"] in ("I", "II", "III")
    assert first["prediction"] == max(first["probabilities"], key=first["probabilities"].get)


def test_unknown_labels_do_not_count(natural):
    pair = natural["findings"]
    cases = pair.cases
    one = np.flatnonzero(np.isnan(cases.labels[:, 0]))[0]
    expected = log_loss([cases.labels[one, 1]], [cases.probabilities[one, 1]], labels=[0, 1])
    assert case_losses(cases)[one] == pytest.approx(expected)
    for listed in worst_cases_block([pair], most=500)["methods"]["mmfeat"]:
        assert any(value is not None for value in listed["label"].values())


def test_numbers_are_judged_by_how_far_off_they_are(natural):
    cases = replace(natural["cancer"].cases, kind="regression", outputs=("age",))
    pair = replace(natural["cancer"], test={"ct": cases})
    block = worst_cases_block([pair], most=2)
    assert block["measure"] == "absolute error"
    first = block["methods"]["mmfeat"][0]
    assert first["loss"] == pytest.approx(abs(first["label"] - first["prediction"]))


def test_it_can_be_switched_off_and_needs_natural_cases(natural):
    assert worst_cases_block([], most=0) == {"reason": "switched off by eval.worst_cases"}
    assert worst_cases_block([], most=3) == {"reason": "no predictions of cases as they come"}
