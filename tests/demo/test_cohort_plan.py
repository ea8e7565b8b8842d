"""The cohort on paper: counts, gaps, and labels that agree with one another."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.demo.cohort_plan import RECORD_COLUMNS, plan_cohort


@pytest.fixture(scope="module")
def default_cases():
    return plan_cohort(400, 0)


def test_default_cohort_has_the_promised_size_and_gaps(default_cases):
    n_cases = len(default_cases)
    scans = Counter(case.scan_format for case in default_cases)
    assert len({case.patient_id for case in default_cases}) == 400
    assert n_cases - scans[None] >= 400
    assert scans[None] / n_cases == pytest.approx(0.25, abs=0.005)
    assert sum(not case.has_record for case in default_cases) / n_cases == pytest.approx(
        0.15, abs=0.005
    )
    assert scans["dicom"] / (scans["dicom"] + scans["nifti"]) == pytest.approx(0.25, abs=0.01)
    empty = sum(len(case.empty_cells) for case in default_cases) / (n_cases * len(RECORD_COLUMNS))
    assert 0.05 < empty < 0.10


@given(n_patients=st.integers(20, 120), seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_no_case_is_bare_and_one_scan_of_each_format_is_broken(n_patients, seed):
    cases = plan_cohort(n_patients, seed)
    usable = [case.scan_format is not None and not case.broken for case in cases]
    assert all(scan or case.has_record for scan, case in zip(usable, cases, strict=True))
    assert sorted(str(case.scan_format) for case in cases if case.broken) == ["dicom", "nifti"]
    assert len({case.case_id for case in cases}) == len(cases)


@given(n_patients=st.integers(20, 80), more=st.integers(1, 60), seed=st.integers(0, 1000))
@settings(max_examples=15)
def test_a_larger_cohort_begins_with_the_smaller_one(n_patients, more, seed):
    smaller = plan_cohort(n_patients, seed)
    assert plan_cohort(n_patients + more, seed)[: len(smaller)] == smaller


def test_another_seed_is_another_cohort():
    assert plan_cohort(20, 0) != plan_cohort(20, 1)


def test_outcomes_of_a_case_agree(default_cases):
    for case in default_cases:
        assert case.outcome.cancer_1y == (case.event and case.time_days <= 365)
        assert case.time_days > 0


def test_two_visits_of_a_patient_agree(default_cases):
    visits = {}
    for case in default_cases:
        visits.setdefault(case.patient_id, []).append(case)
    twice = [(first, second) for first, second in (v for v in visits.values() if len(v) == 2)]
    assert len(twice) == 140
    for first, second in twice:
        gap_days = (second.scan_date - first.scan_date).days
        assert 366 <= gap_days < 430
        assert first.time_days == second.time_days + gap_days
        assert first.event == second.event
        assert not first.outcome.cancer_1y
        assert second.lesions.diameter_mm >= first.lesions.diameter_mm
        assert first.site == second.site
