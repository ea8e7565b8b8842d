import json

import pytest

from mmfeat.metrics.estimate import Difference, Estimate


@pytest.mark.parametrize("kind", [Estimate, Difference])
def test_what_is_undefined_has_no_interval_and_counts_nothing(kind):
    found = kind(None, reason="only one class").to_json()
    assert found["point"] is found["low"] is found["high"] is found["n_positive"] is None
    assert (found["n"], found["n_patients"], found["undefined_resamples"]) == (0, 0, 0)
    assert found["reason"] == "only one class"


def test_an_estimate_is_plain_json_and_comes_back_as_it_was():
    estimate = Estimate(
        0.8,
        low=0.7,
        high=0.9,
        n=20,
        n_patients=15,
        n_positive=4,
        method="percentile of 200 resamples",
        undefined_resamples=3,
        reason="3 resamples without a positive case",
    )
    assert Estimate(**json.loads(json.dumps(estimate.to_json(), allow_nan=False))) == estimate


def test_a_difference_is_plain_json_with_its_p_value_and_comes_back_as_it_was():
    difference = Difference(-0.1, low=-0.2, high=0.0, p=0.04, n=20, n_patients=15, n_positive=4)
    found = json.loads(json.dumps(difference.to_json(), allow_nan=False))
    assert found["p"] == 0.04
    assert Difference(**found) == difference


def test_an_estimate_has_no_p_value():
    assert "p" not in Estimate(0.8).to_json()


@pytest.mark.parametrize("made", [Estimate(0.8), Difference(0.1)])
def test_numbers_that_were_stated_do_not_change(made):
    with pytest.raises(AttributeError, match="cannot assign to field"):
        made.point = 0.9
