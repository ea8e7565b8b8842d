"""Patients are drawn with replacement, with all their cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.metrics import PatientResamples


def _weights(patients, *, n_resamples=8, seed=0):
    return np.concatenate(
        list(PatientResamples(patients, n_resamples=n_resamples, seed=seed).chunks())
    )


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=20), st.integers(0, 99))
def test_all_cases_of_a_patient_come_along_and_as_many_patients_as_before(patients, seed):
    weights = _weights(patients, seed=seed)
    assert weights.shape == (8, len(patients))
    names, first, index = np.unique(patients, return_index=True, return_inverse=True)
    np.testing.assert_array_equal(weights, weights[:, first][:, index])
    assert (weights[:, first].sum(axis=1) == len(names)).all()


def test_the_order_of_the_cases_does_not_matter():
    patients = np.array(list("abcab"))
    shuffled = np.array([3, 0, 4, 1, 2])
    np.testing.assert_array_equal(_weights(patients)[:, shuffled], _weights(patients[shuffled]))


def test_another_seed_draws_differently():
    assert (_weights(list("abcdef"), seed=0) != _weights(list("abcdef"), seed=1)).any()


def test_each_patient_is_drawn_once_on_average():
    weights = _weights(list("abcdefgh"), n_resamples=20_000)
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.03)
    np.testing.assert_allclose(
        weights.var(axis=0), 1 - 1 / 8, atol=0.05
    )  # multinomial: n p (1 - p)


@pytest.mark.parametrize("n_parts", [1, 2, 3, 100])
def test_parts_have_the_chunks_of_the_whole(n_parts):
    resamples = PatientResamples(np.arange(3_000) // 2, n_resamples=90, seed=3)
    whole = list(resamples.chunks())
    assert [len(chunk) for chunk in whole] == [41, 41, 8]
    parts = list(resamples.parts(n_parts))
    assert len(parts) == min(n_parts, 3)
    in_parts = [chunk for part in parts for chunk in part.chunks()]
    assert len(in_parts) == len(whole)
    for one, other in zip(whole, in_parts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_chunk_of_many_cases_has_fewer_rows_than_one_of_few():
    (of_many, *_) = PatientResamples(np.arange(100_000), n_resamples=9, seed=0).chunks()
    assert of_many.shape == (5, 100_000)


def test_no_patients_yield_nothing():
    assert list(PatientResamples([], n_resamples=5, seed=0).chunks()) == []


def test_at_least_one_resample():
    with pytest.raises(ValueError, match="n_resamples must be 1 or more, got 0"):
        PatientResamples(["a"], n_resamples=0, seed=0)
