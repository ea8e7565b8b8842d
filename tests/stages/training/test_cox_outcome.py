import numpy as np
import pytest
from sksurv.linear_model import CoxPHSurvivalAnalysis

from mmfeat.fusion.task import TaskPart
from mmfeat.stages.training.cox_outcome import CoxOutcome, CoxReference, cumulative_baseline

NAN = np.nan


def _cohort(n_cases=150):
    random = np.random.default_rng(0)
    features = random.normal(size=(n_cases, 2))
    times = np.ceil(random.exponential(20 * np.exp(-features[:, 0])))
    return features, times, random.integers(0, 2, n_cases).astype(float)


def test_baseline_and_risks_are_those_of_scikit_survival_with_tied_times():
    features, times, events = _cohort()
    outcome = np.array(list(zip(events == 1, times, strict=True)), dtype=[("e", "?"), ("t", "f8")])
    model = CoxPHSurvivalAnalysis(ties="breslow").fit(features, outcome)
    log_hazards = features @ model.coef_
    horizons = (5.0, 12.0, 30.0)
    reference = CoxReference(log_hazards, times, events)
    baseline = cumulative_baseline(reference, np.array(horizons))
    np.testing.assert_allclose(baseline, model.cum_baseline_hazard_(np.array(horizons)))
    risks = CoxOutcome(horizons, 12.0).answers(log_hazards[:4, None], reference)[:, :3]
    curves = [curve(np.array(horizons)) for curve in model.predict_survival_function(features[:4])]
    np.testing.assert_allclose(1 - risks, curves, atol=1e-9)


def test_a_constant_added_to_all_log_hazards_changes_no_risk():
    _, times, events = _cohort()
    outcome, hazards = CoxOutcome((10.0,), 10.0), np.linspace(-1, 1, 150)
    first = outcome.answers(hazards[:, None], CoxReference(hazards, times, events))
    second = outcome.answers(hazards[:, None] + 3, CoxReference(hazards + 3, times, events))
    np.testing.assert_allclose(first[:, 0], second[:, 0])


def test_events_after_the_last_horizon_are_taken_for_censored_then():
    outcome = CoxOutcome((10.0, 20.0), 10.0)
    values = np.array([[5.0, 1.0], [25.0, 1.0], [30.0, 0.0], [NAN, NAN]])
    np.testing.assert_array_equal(outcome.labels(values), [[5, 1], [20, 0], [20, 0], [NAN, NAN]])
    assert outcome.part == TaskPart("cox", 1, divides_at=10.0)


def test_without_cases_for_the_baseline_there_are_no_risks():
    with pytest.raises(ValueError, match="need cases to take a baseline hazard from"):
        CoxOutcome((10.0,), 10.0).answers(np.zeros((2, 1)))
