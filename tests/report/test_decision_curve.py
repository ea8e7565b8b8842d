import numpy as np
import pytest

from mmfeat.metrics.net_benefit import net_benefit
from mmfeat.report.decision_curve import THRESHOLDS, decision_curve_block
from mmfeat.report.recalibrated import fit_all, recalibrated
from mmfeat.report.summary import ResultOptions

from .decision_cases import made_pairs

QUICK = ResultOptions(n_resamples=100)


@pytest.fixture(scope="module")
def made(made_predictions):
    pairs = made_pairs(made_predictions)
    used = {method: one["temperature"] for method, one in fit_all(pairs).items()}
    return pairs, used, decision_curve_block(pairs, used, options=QUICK)


def test_every_method_has_its_net_benefit_at_each_threshold_with_an_interval(made):
    pairs, _, block = made
    cases = pairs[7].cases
    found = block["outputs"]["1"]["methods"]["logistic"]
    for place in (9, 49):
        expected = net_benefit(cases.labels[:, 0], cases.probabilities[:, 0], THRESHOLDS[place])
        assert found["net_benefit"][place] == pytest.approx(expected, abs=1e-12)
        assert found["low"][place] <= expected <= found["high"][place]


def test_recalibrated_curves_are_of_the_recalibrated_probabilities(made):
    pairs, used, block = made
    cases = recalibrated(pairs[3], used["mmfeat"])
    expected = net_benefit(cases.labels[:, 0], cases.probabilities[:, 0], THRESHOLDS[29])
    found = block["outputs"]["1"]["methods"]["mmfeat"]["recalibrated"][29]
    assert found == pytest.approx(expected, abs=1e-12)


def test_treating_all_is_worth_nothing_at_the_prevalence(made):
    _, _, block = made
    found = block["outputs"]["1"]
    at = np.array(THRESHOLDS)
    expected = found["prevalence"] - (1 - found["prevalence"]) * at / (1 - at)
    np.testing.assert_allclose(found["treat_all"], expected, atol=1e-12)
    assert found["treat_none"] == 0.0


def test_sets_of_modalities_are_compared_on_the_cases_that_have_everything(made):
    pairs, _, block = made
    found = block["complete_cases"]
    assert found["method"] == "mmfeat"
    of_output = found["outputs"]["1"]
    assert of_output["n"] == len(pairs[0].cases)
    assert list(of_output["availabilities"]) == ["ct+clinical", "ct", "clinical"]
    alone = pairs[1].cases
    alone = alone.take(np.isin(alone.case_ids, pairs[0].cases.case_ids))
    expected = net_benefit(alone.labels[:, 0], alone.probabilities[:, 0], THRESHOLDS[39])
    assert of_output["availabilities"]["ct"]["net_benefit"][39] == pytest.approx(expected)


def test_each_label_counts_the_cases_in_which_it_is_known(made_predictions):
    pairs = made_pairs(made_predictions, "findings")
    block = decision_curve_block(pairs, {}, options=QUICK)
    labels = pairs[3].cases.labels
    for column, name in enumerate(["nodule", "emphysema"]):
        assert block["outputs"][name]["n"] == (~np.isnan(labels[:, column])).sum()
    assert "recalibrated" not in block["outputs"]["nodule"]["methods"]["mmfeat"]


def test_without_predictions_there_is_a_reason():
    assert "reason" in decision_curve_block([], {}, options=QUICK)
