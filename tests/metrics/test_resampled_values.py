"""Resamples are worked on here or in other processes; the values are the same."""

import numpy as np
import pytest

from mmfeat.metrics import BinaryMetrics, PatientResamples
from mmfeat.metrics import resampled_values as module
from mmfeat.metrics.resampled_values import bootstrap_processes, resampled_values


@pytest.fixture(scope="module")
def sets():
    generator = np.random.default_rng(0)
    labels = (generator.random(400) < 0.4).astype(float)
    scores = np.clip(0.3 * labels + generator.random(400) * 0.7, 0.01, 0.99)
    return {7: BinaryMetrics(labels, scores), 9: BinaryMetrics(labels, 1 - scores)}


def _resamples(n_resamples=700):
    return PatientResamples(np.arange(400) // 2, n_resamples=n_resamples, seed=1)


@pytest.mark.slow
def test_values_of_other_processes_are_the_same_to_the_last_bit(sets, monkeypatch):
    here = resampled_values(sets, _resamples())
    monkeypatch.setattr(module, "_WORTH_STARTING_S", 0.0)
    with bootstrap_processes(2):
        resampled_values(sets, _resamples(2))  # nothing was worked on before: here
        there = resampled_values(sets, _resamples())
    assert list(there) == list(here) == [7, 9]
    for number, of_set in here.items():
        assert list(there[number]) == list(of_set)
        for key, values in of_set.items():
            assert values.shape == (700,)
            np.testing.assert_array_equal(values, there[number][key])


def test_no_process_is_started_for_what_is_done_soon(sets, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("started processes")

    monkeypatch.setattr(module.joblib, "Parallel", refuse)
    with bootstrap_processes(2):
        assert resampled_values(sets, _resamples())[7]


def test_there_are_no_values_without_a_patient(sets):
    assert resampled_values(sets, PatientResamples([], n_resamples=3, seed=0)) == {}
