"""Test and retest: the intraclass correlation of textbooks, and neighbours by hand."""

import numpy as np
import pytest

from mmfeat.embedding_checks.repeats import intraclass_correlation, repeated_scans

# Shrout and Fleiss 1979, table 1: six targets, each rated by four judges; ICC(1,1) is 0.17.
RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def test_the_published_example_of_shrout_and_fleiss():
    found = intraclass_correlation(RATINGS.reshape(-1, 1), np.repeat(np.arange(6), 4))
    assert found[0] == pytest.approx(0.17, abs=0.005)
    assert found[0] == pytest.approx((11.24 - 6.26) / (11.24 + 3 * 6.26), abs=1e-3)


def test_patients_with_different_numbers_of_scans_by_hand():
    # a: 1, 3; b: 6. between 10.667 (1 df), within 2 (1 df), usual size 3 - 5 / 3.
    between, within, usual = 32 / 3, 2.0, 4 / 3
    expected = (between - within) / (between + (usual - 1) * within)
    found = intraclass_correlation([[1.0], [3.0], [6.0]], ["a", "a", "b"])
    assert found[0] == pytest.approx(expected)


def test_columns_are_apart_and_a_constant_one_is_undefined():
    values = np.array([[1.0, 0.0, 4.0], [1.0, 1.0, 4.0], [5.0, 0.0, 4.0], [5.0, 1.0, 4.0]])
    found = intraclass_correlation(values, ["a", "a", "b", "b"])
    assert found[0] == 1.0
    assert found[1] == pytest.approx(-1.0)  # all within
    assert np.isnan(found[2])


def test_without_repeats_there_is_none():
    assert np.isnan(intraclass_correlation([[1.0], [2.0]], ["a", "b"])).all()
    assert repeated_scans(np.zeros((2, 1)), ["a", "b"], seed=0) is None


def test_neighbours_and_distances_by_hand():
    places = np.array([[0.0], [1.0], [10.0], [12.0], [11.4]])
    found = repeated_scans(places, ["a", "a", "b", "b", "c"], seed=0)
    assert (found.n_patients, found.n_scans, found.n_pairs) == (2, 4, 2)
    assert found.distance_same == pytest.approx(1.5)  # of 1 and 2
    assert found.found_again == 0.5  # those of b lie nearer to c
    assert found.found_by_chance == pytest.approx(0.25)
    assert found.distance_other > found.distance_same
