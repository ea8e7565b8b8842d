from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binomtest

from mmfeat.metrics import brier, expected_calibration_error
from mmfeat.report.recalibrated import fit_all, recalibrated
from mmfeat.report.recalibration import recalibration_block, wilson_interval
from mmfeat.report.summary import ResultOptions

from .decision_cases import made_pairs

QUICK = ResultOptions(n_resamples=100)


def _sharpened(pair):
    """Make every logit three times as large."""

    def sharp(cases):
        return replace(cases, probabilities=expit(3 * logit(cases.probabilities)))

    return replace(
        pair,
        test={name: sharp(one) for name, one in pair.test.items()},
        validation={
            fold: {name: sharp(one) for name, one in parts.items()}
            for fold, parts in pair.validation.items()
        },
    )


@pytest.fixture(scope="module")
def made(made_predictions):
    pairs = [_sharpened(pair) for pair in made_pairs(made_predictions, n_patients=300)][:4]
    fitted = fit_all(pairs)
    block = recalibration_block(pairs, fitted, chosen="temperature", options=QUICK)
    return pairs, fitted, block


def test_predictions_that_are_too_sure_get_better(made):
    _, _, block = made
    found = block["methods"]["mmfeat"]["natural"]
    before = found["before"]["metrics"]["calibration_slope"]
    assert before["high"] < 0.8
    for name in ("temperature", "isotonic"):
        assert found[name]["metrics"]["calibration_slope"]["point"] > before["high"]
    for metric in ("log_loss", "brier", "ece"):
        assert found["temperature"]["minus_before"][metric]["high"] < 0
    assert "minus_before" not in found["before"]


def test_numbers_are_those_of_the_recalibrated_cases(made):
    pairs, fitted, block = made
    cases = recalibrated(pairs[1], fitted["mmfeat"]["temperature"])
    found = block["methods"]["mmfeat"]["simulated"]["ct"]["temperature"]["metrics"]
    labels, values = cases.labels[:, 0], cases.probabilities[:, 0]
    assert found["brier"]["point"] == pytest.approx(brier(labels, values), abs=1e-12)
    expected = expected_calibration_error(labels, values)
    assert found["ece"]["point"] == pytest.approx(expected, abs=1e-12)


def test_curves_count_every_case_and_have_intervals(made):
    pairs, _, block = made
    for name in ("before", "temperature", "isotonic"):
        curve = block["methods"]["mmfeat"]["natural"][name]["curve"]["1"]
        assert sum(point["n"] for point in curve) == len(pairs[3].cases)
        assert all(point["low"] < point["observed"] < point["high"] for point in curve[1:-1])


@pytest.mark.parametrize("n_positive", [0, 3, 7])
def test_the_interval_of_a_share_is_that_of_scipy(n_positive):
    found = wilson_interval(n_positive, 7, 0.9)
    expected = binomtest(n_positive, 7).proportion_ci(0.9, "wilson")
    assert found == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_temperatures_and_the_cases_behind_them_are_told_by_fold(made):
    pairs, fitted, block = made
    found = block["methods"]["mmfeat"]["simulated"]["ct"]
    assert set(found["temperatures"]) == set(found["n_validation"]) == {"0", "1", "2", "3", "4"}
    assert found["temperatures"]["1"] == list(fitted["mmfeat"]["temperature"][1]["ct"].temperatures)
    assert found["n_validation"]["1"] == len(pairs[1].validation_cases(1))
    assert "temperatures" not in block["methods"]["mmfeat"]["natural"]


@pytest.mark.parametrize(("target", "n_metrics"), [("stage", 3), ("findings", 5)])
def test_classes_and_labels_are_recalibrated_too(made_predictions, target, n_metrics):
    pairs = made_pairs(made_predictions, target)[3:4]
    block = recalibration_block(pairs, fit_all(pairs), chosen="isotonic", options=QUICK)
    found = block["methods"]["mmfeat"]["natural"]
    assert len(found["isotonic"]["metrics"]) == n_metrics
    assert list(found["isotonic"]["curve"]) == list(pairs[0].cases.outputs)
    assert np.isfinite(found["temperature"]["metrics"]["log_loss"]["point"])


def test_without_validation_it_says_what_to_do(made_predictions):
    pairs = made_pairs(made_predictions, with_validation=False, n_patients=30)
    block = recalibration_block(pairs, fit_all(pairs), chosen="none", options=QUICK)
    assert "run `mmfeat train` with" in block["methods"]["logistic"]["simulated"]["ct"]["reason"]


def test_numbers_have_none():
    assert recalibration_block([], {}, chosen="none", options=QUICK) == {
        "reason": "numbers are not recalibrated"
    }
