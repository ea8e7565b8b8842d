"""What becomes of the made-up patients: the documented formula, ceiling and shares."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmfeat.demo import outcome_model
from mmfeat.demo.outcome_model import cancer_risk, draw_outcome
from mmfeat.demo.patients import Lesions, Record, draw_lesions, draw_record

N_PATIENTS = 6000
AVERAGE = Record(64.0, "F", 26.0, "never", 29.0, None, False, 0, 86.0, 4.0, 2.4)
PLAIN = Lesions(15.0, 0.40, 0.64, 0.385, 0.0, atelectasis=False, n_nodules=1)


@pytest.fixture(scope="module")
def population() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What the scan shows, what the record says, true risk and outcome of many patients."""
    rng = np.random.default_rng(0)
    image, table, risks, labels = [], [], [], []
    for _ in range(N_PATIENTS):
        record = draw_record(rng)
        lesions = draw_lesions(rng, record.pack_years)
        image.append(
            [math.log(lesions.diameter_mm), lesions.spiculation, lesions.solid, lesions.emphysema]
        )
        table.append(
            [
                record.age,
                record.pack_years,
                record.quit_years or 0,
                record.family_history,
                record.performance_status,
                record.fev1_percent,
                math.log(record.cea_ng_ml),
            ]
        )
        risks.append(cancer_risk(record, lesions))
        labels.append(draw_outcome(rng, record, lesions).cancer_1y)
    return np.array(image), np.array(table, dtype=float), np.array(risks), np.array(labels)


def _auroc(features: np.ndarray, labels: np.ndarray) -> float:
    half = len(labels) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(features[:half], labels[:half])
    return float(roc_auc_score(labels[half:], model.predict_proba(features[half:])[:, 1]))


def test_risk_is_the_formula_of_the_documents_worked_by_hand():
    # Every score is 0 but: family (0 - 0.25) / 0.43, performance 0 - 0.7, quit (0 - 4.3) / 6.6.
    family, performance, quit_score = -0.25 / 0.43, -0.7, -4.3 / 6.6
    logit = -1.35 + 0.90 * family + 0.40 * performance - 0.40 * quit_score
    assert cancer_risk(AVERAGE, PLAIN) == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-12)


def test_interaction_is_what_the_parts_alone_do_not_explain():
    record = Record(80.0, "M", 26.0, "current", 73.0, None, True, 0, 86.0, 4.0, 2.4)
    lesions = Lesions(30.0, 0.69, 0.64, 0.385, 0.0, atelectasis=False, n_nodules=1)
    size = math.log(30 / 15) / 0.45
    expected = 0.55 * size * 2 + 0.45 * size * (0.75 / 0.43) + 0.55 * 1.0 * 2.0
    assert outcome_model.interaction_score(record, lesions) == pytest.approx(expected, abs=1e-9)


def test_true_risk_is_the_probability_of_the_outcome(population):
    _, _, risks, labels = population
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        chosen = (risks >= low) & (risks < low + 0.2)
        tolerance = 4 * math.sqrt(0.25 / chosen.sum())
        assert labels[chosen].mean() == pytest.approx(risks[chosen].mean(), abs=tolerance)


def test_prevalence_and_ceiling_are_as_documented(population):
    _, _, risks, labels = population
    assert 0.29 < labels.mean() < 0.35
    assert 0.895 < roc_auc_score(labels, risks) < 0.93


def test_both_modalities_are_needed(population):
    image, table, risks, labels = population
    alone = _auroc(image, labels), _auroc(table, labels)
    together = _auroc(np.hstack([image, table]), labels)
    assert 0.76 < alone[0] < 0.83
    assert 0.72 < alone[1] < 0.79
    assert together > max(alone) + 0.06
    half = len(labels) // 2
    assert roc_auc_score(labels[half:], risks[half:]) > together


def test_scan_and_record_are_only_weakly_correlated(population):
    image, table, _, _ = population
    correlations = np.corrcoef(image.T, table.T)[: image.shape[1], image.shape[1] :]
    assert np.abs(correlations).max() < 0.35


def test_cancer_within_a_year_means_an_event_within_365_days_and_a_stage():
    rng = np.random.default_rng(1)
    for _ in range(500):
        record = draw_record(rng)
        outcome = draw_outcome(rng, record, draw_lesions(rng, record.pack_years))
        assert outcome.cancer_1y == (outcome.event_day <= 365)
        assert outcome.cancer_1y == (outcome.stage != "no_cancer")


def test_findings_are_what_is_in_the_scan_but_for_misreadings():
    rng = np.random.default_rng(2)
    seen = Lesions(20.0, 0.4, 1.0, 0.9, 0.9, atelectasis=True, n_nodules=1)
    read = np.array([draw_outcome(rng, AVERAGE, seen).findings for _ in range(2000)], dtype=float)
    assert np.isnan(read).mean() == pytest.approx(0.15, abs=0.02)
    assert np.nanmean(read) == pytest.approx(0.96, abs=0.01)


@given(seed=st.integers(0, 2**32 - 1))
def test_risk_is_a_probability_for_everybody(seed):
    rng = np.random.default_rng(seed)
    record = draw_record(rng)
    assert 0 < cancer_risk(record, draw_lesions(rng, record.pack_years)) < 1
