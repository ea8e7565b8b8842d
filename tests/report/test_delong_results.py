import dataclasses

import pytest

from mmfeat.metrics import auroc_within_folds
from mmfeat.report.delong_results import delong_json

from .scored_sets import scored_sets


@pytest.fixture(scope="module")
def cases():
    return scored_sets({"a": 1.0})["a"]


def test_it_is_the_auroc_within_folds_with_its_error(cases):
    found = delong_json(cases, 0.95)
    expected = auroc_within_folds(cases.labels[:, 0], cases.probabilities[:, 0], cases.folds)
    assert found["auroc"] == pytest.approx(expected)
    assert found["high"] - found["auroc"] == pytest.approx(1.959964 * found["se"])
    assert (found["n_folds"], found["n_positive"] + found["n_negative"]) == (4, 160)


def test_what_has_no_such_auroc_has_a_reason(cases):
    assert (
        "no fold has both"
        in delong_json(dataclasses.replace(cases, labels=0 * cases.labels), 0.95)["reason"]
    )
    number = dataclasses.replace(cases, kind="regression")
    assert delong_json(number, 0.95) == {
        "reason": "DeLong's test is of one AUROC, which `regression` has not"
    }
