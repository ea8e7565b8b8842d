"""Near-duplicates: exactly those that looking at all pairs finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.embedding_checks.near_duplicates import NEAR, near_duplicates
from mmfeat.embedding_checks.spectrum import Spectrum


def _found(values, rows=None):
    rows = np.arange(len(values)) if rows is None else rows
    return near_duplicates(values, rows, Spectrum.of(values, rows))


def _by_all_pairs(values):
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    gaps = np.linalg.norm(scaled[:, None] - scaled, axis=2) / np.sqrt(2 * values.shape[1])
    left, right = np.triu_indices(len(values), 1)
    return {(a, b) for a, b in zip(left, right, strict=True) if gaps[a, b] <= NEAR}


@given(st.integers(0, 10_000), st.floats(0.0, 0.03))
@settings(max_examples=25, deadline=None)
def test_the_tree_misses_no_pair(seed, noise):
    random = np.random.default_rng(seed)
    values = random.normal(size=(60, 12)) * random.uniform(0.1, 9, 12) + 5
    copies = random.integers(0, 60, 15)
    values[random.integers(0, 60, 15)] = values[copies] + noise * random.normal(size=(15, 12))
    values = values.astype(np.float32)
    found = _found(values)
    assert set(map(tuple, found.pairs.tolist())) == _by_all_pairs(values.astype(np.float64))
    assert (np.diff(found.distances) >= 0).all()


def test_the_same_scan_twice_is_at_distance_zero_and_strangers_at_about_one():
    values = np.random.default_rng(0).normal(size=(400, 32)).astype(np.float32)
    values[7] = values[300]
    found = _found(values)
    assert found.pairs.tolist() == [[7, 300]]
    assert found.distances.tolist() == [0.0]
    assert found.cosines == pytest.approx([1.0])
    spectrum = Spectrum.of(values, np.arange(400))
    scaled = spectrum.standardised(values)
    strangers = np.linalg.norm(scaled[:200] - scaled[200:], axis=1) / np.sqrt(64)
    assert np.median(strangers) == pytest.approx(1.0, abs=0.05)


def test_only_the_given_rows_are_compared_and_named_by_their_numbers():
    values = np.random.default_rng(0).normal(size=(40, 32)).astype(np.float32)
    values[3] = values[20] = values[39]
    assert _found(values, np.arange(0, 40)[1:39]).pairs.tolist() == [[3, 20]]


def test_few_columns_tell_nothing():
    values = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    assert _found(values) == "only 4 columns vary, so that strangers may be alike by chance"


def test_embeddings_that_are_all_the_same_are_not_listed_pair_by_pair():
    values = np.random.default_rng(0).normal(size=(2200, 8)).astype(np.float32)
    values[100:] = values[0]
    assert "pairs look alike: the embeddings hardly differ" in _found(values)
