import numpy as np
import pytest

from mmfeat.metrics import bootstrap
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.net_benefit import NetBenefit, net_benefit, treat_all


def test_a_hand_worked_case():
    # From 0.2 on 3 of 4 are called: 2 truly, 1 falsely: 2/4 - 1/4 * 0.25.
    assert net_benefit([1, 0, 0, 1], [0.9, 0.2, 0.1, 0.3], 0.2) == pytest.approx(0.4375)


def test_treating_all_is_worth_the_prevalence_less_the_needless_treatments():
    # Vickers and Elkin: prevalence - (1 - prevalence) * t / (1 - t); zero at the prevalence.
    labels = [1] * 3 + [0] * 7
    assert treat_all(labels, 0.3) == pytest.approx(0.0, abs=1e-12)
    assert treat_all(labels, 0.1) == pytest.approx(0.3 - 0.7 / 9)


def test_of_a_thousand_patients_found_and_needlessly_treated_ones_are_weighed():
    # At 10 %, 700 of 1,000 are treated: 250 of the 300 who need it and 450 others.
    labels = np.repeat([1, 1, 0, 0], [250, 50, 450, 250])
    called = np.repeat([0.9, 0.05, 0.9, 0.05], [250, 50, 450, 250])
    assert net_benefit(labels, called, 0.1) == pytest.approx(0.2)
    assert treat_all(labels, 0.1) == pytest.approx(0.3 - 0.7 / 9)


def test_all_thresholds_of_resamples_are_those_of_an_explicit_loop():
    generator = np.random.default_rng(0)
    values = generator.random(40)
    labels = (generator.random(40) < values).astype(float)
    thresholds = [0.1, 0.5, 0.75]
    metrics = NetBenefit(labels, values, thresholds=thresholds)
    weights = generator.integers(0, 3, size=(4, 40)).astype(float)
    found = metrics(weights)
    for row, of_row in enumerate(weights):
        copies = np.repeat(np.arange(40), of_row.astype(int))
        for at in thresholds:
            key = MetricKey("net_benefit", f"{at:g}")
            expected = net_benefit(labels[copies], values[copies], at)
            assert found[key][row] == pytest.approx(expected, abs=1e-12)


def test_no_cases_are_undefined_and_thresholds_are_checked():
    found = bootstrap(
        {"m": NetBenefit([], [], thresholds=[0.5])}, [], n_resamples=100, confidence=0.9, seed=0
    )
    estimate = found.estimate("m", MetricKey("net_benefit", "0.5"))
    assert (estimate.point, estimate.reason) == (None, "no case with a label")
    with pytest.raises(ValueError, match=r"above 0 and below 1, got \[1\.0\]"):
        NetBenefit([1], [0.5], thresholds=[1.0])
