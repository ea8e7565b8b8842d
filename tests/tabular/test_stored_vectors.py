import pickle

import numpy as np
import pytest

from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.stored_vectors import (
    JoinedVectors,
    LazyVectors,
    StoredVectors,
    blocks_of,
    row_numbers_of,
    rows_of,
    side_by_side,
)
from mmfeat.tabular.vector_scaling import VectorScaling

RANDOM = np.random.default_rng(0)
FIRST = RANDOM.standard_normal((40, 3)).astype(np.float32)
SECOND = RANDOM.standard_normal((25, 3)).astype(np.float32)
BOTH = np.concatenate([FIRST, SECOND])


@pytest.fixture
def files(tmp_path):
    made = []
    for name, values in (("first", FIRST), ("second", SECOND)):
        values.tofile(tmp_path / name)
        made.append(RowFile(tmp_path / name, 0, "<f4", n_rows=len(values), width=3))
    return tuple(made)


def test_cases_have_their_rows_of_either_file_and_zeros_without_one(files):
    rows = np.array([64, 3, -1, 40, 39, 3])
    stored = StoredVectors.of_rows(files, rows)
    expected = np.where(rows[:, None] >= 0, BOTH[rows], 0)
    assert stored.shape == (6, 3)
    assert isinstance(stored, LazyVectors)
    np.testing.assert_array_equal(stored[:], expected)
    np.testing.assert_array_equal(stored[np.array([5, 2, 0, 0])], expected[[5, 2, 0, 0]])
    np.testing.assert_array_equal(stored[np.arange(6) % 2 == 0], expected[::2])
    assert stored[np.array([2])].tolist() == [[0, 0, 0]]
    assert stored[np.array([], np.int64)].shape == (0, 3)


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_several_scans_of_a_case_become_one_vector(files, pooling):
    places, offsets = np.array([50, 2, 3, 10]), np.array([0, 2, 2, 3, 4])
    stored = StoredVectors(files, places, offsets, pooling)
    pool = np.mean if pooling == "mean" else np.max
    np.testing.assert_allclose(stored[:][0], pool(BOTH[[50, 2]], axis=0), rtol=1e-6)
    np.testing.assert_array_equal(stored[:][1:], [[0, 0, 0], BOTH[3], BOTH[10]])


def test_scaled_vectors_are_those_of_the_scaling_bit_for_bit(files):
    scaling = VectorScaling.fit(BOTH)
    stored = StoredVectors.of_rows(files, np.array([0, -1, 60])).scaled(scaling)
    np.testing.assert_array_equal(stored[:][[0, 2]], scaling.scale(BOTH[[0, 60]]))
    assert not stored[:][1].any()  # absent: not the scaled zero


def test_a_part_reads_as_the_whole_does(files):
    stored = StoredVectors.of_rows(files, RANDOM.permutation(65))
    chosen = np.array([9, 4, 60, 4])
    part = rows_of(stored, chosen)
    assert isinstance(part, StoredVectors)
    np.testing.assert_array_equal(part[1:3], stored[:][chosen[1:3]])


def test_joined_vectors_are_the_joined_arrays(files):
    stored = StoredVectors.of_rows(files, RANDOM.permutation(65))
    joined = side_by_side([stored, BOTH])
    assert isinstance(joined, JoinedVectors)
    assert joined.shape == (65, 6)
    expected = np.hstack([stored[:], BOTH])
    np.testing.assert_array_equal(joined[10:30], expected[10:30])
    np.testing.assert_array_equal(rows_of(joined, np.array([3, 1]))[:], expected[[3, 1]])
    np.testing.assert_array_equal(side_by_side([BOTH, BOTH]), np.hstack([BOTH, BOTH]))


def test_they_go_to_another_process_without_their_numbers(files):
    stored = StoredVectors.of_rows(files, np.arange(65))
    assert len(pickle.dumps(stored)) < 3000
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(stored))[:], BOTH)


def test_blocks_cover_every_row_once():
    found = np.concatenate([np.arange(10)[rows] for rows in blocks_of(10, 4)])
    assert found.tolist() == list(range(10))
    assert row_numbers_of(slice(2, None), 5).tolist() == [2, 3, 4]


def test_places_outside_the_files_are_refused(files):
    with pytest.raises(ValueError, match="places must be from 0 to 64"):
        StoredVectors.of_rows(files, np.array([65]))
