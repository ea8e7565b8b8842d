import dataclasses

import pytest

from mmfeat.errors import EvalError
from mmfeat.report.same_cases import check_same_cases, check_same_target

from .scored_sets import scored_sets


@pytest.fixture
def cases():
    return scored_sets({"a": 1.0}, n_cases=10)["a"]


def test_the_same_cases_pass(cases):
    check_same_cases({("a", "m"): cases, ("b", "m"): cases}, "cancer")
    check_same_target({"a": {"t": {"kind": "binary", "outputs": ["1"]}}}, ["t"])


def test_another_patient_of_a_case_is_named(cases):
    patients = cases.patient_ids.copy()
    patients[4] = "somebody"
    other = dataclasses.replace(cases, patient_ids=patients)
    with pytest.raises(EvalError, match="case `case-004` is of another patient in b than in a"):
        check_same_cases({("a", "m"): cases, ("b", "m"): other}, "cancer")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kind": "regression"}, "b: target `t` has kind `regression`, but a has `binary`"),
        ({"outputs": ["by 1"]}, "b: target `t` has outputs `by 1`, but a has `1`"),
    ],
)
def test_a_target_of_another_kind_is_refused(changed, message):
    known = {"kind": "binary", "outputs": ["1"]}
    with pytest.raises(EvalError, match=message):
        check_same_target({"a": {"t": known}, "b": {"t": known | changed}}, ["t"])
