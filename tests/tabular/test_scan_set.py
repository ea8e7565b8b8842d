import numpy as np
import pytest

from mmfeat.tabular.scan_set import ScanSet

VECTORS = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_the_case_of_each_scan_is_known():
    scans = ScanSet(VECTORS, np.array([0, 2, 2, 3]), np.zeros(3))
    assert scans.cases.tolist() == [0, 0, 2]
    np.testing.assert_array_equal(scans.of_case(2), [[4, 5]])
    assert scans.of_case(1).shape == (0, 2)


@pytest.mark.parametrize(
    ("vectors", "offsets", "days", "message"),
    [
        (VECTORS.astype(np.float64), [0, 3], [0] * 3, "float32 rows x width, got float64"),
        (VECTORS[0], [0, 2], [0] * 2, "float32 rows x width"),
        (VECTORS * np.float32(np.nan), [0, 3], [0] * 3, "must be finite"),
        (np.where(VECTORS == 4, -np.inf, VECTORS), [0, 3], [0] * 3, "must be finite"),
        (VECTORS, [0, 2], [0] * 3, r"must rise from 0 to 3, got \[0, 2\]"),
        (VECTORS, [0, 4, 3], [0] * 3, "must rise from 0 to 3"),
        (VECTORS, [], [0] * 3, "must rise from 0 to 3"),
        (VECTORS, [0, 3], [0] * 2, "days must be of 3 rows"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(vectors, offsets, days, message):
    with pytest.raises(ValueError, match=message):
        ScanSet(vectors, np.array(offsets, np.int64), np.array(days, np.float64))


def test_the_scan_of_each_token_is_known_and_has_to_be_of_each():
    tokens = ScanSet(VECTORS, np.array([0, 3]), np.zeros(3), np.array([0, 0, 1]))
    np.testing.assert_array_equal(tokens.of_case(0)[tokens.scan_numbers == 1], [[4, 5]])
    with pytest.raises(ValueError, match=r"scan_numbers must be of 3 rows, got \(2,\)"):
        ScanSet(VECTORS, np.array([0, 3]), np.zeros(3), np.array([0, 0]))


def test_a_set_of_no_rows_is_fine():
    assert ScanSet(VECTORS[:0], np.zeros(4, np.int64), np.zeros(0)).counts.tolist() == [0, 0, 0]


def test_the_set_of_some_cases_is_theirs_in_that_order():
    scans = ScanSet(VECTORS, np.array([0, 2, 2, 3]), np.array([1.0, 2, 3]), np.array([0, 1, 0]))
    chosen = scans.of_cases(np.array([2, 1, 0, 2]))
    assert chosen.counts.tolist() == [1, 0, 2, 1]
    assert chosen.days.tolist() == [3, 1, 2, 3]
    assert chosen.scan_numbers.tolist() == [0, 0, 1, 0]
    np.testing.assert_array_equal(chosen.of_case(2), scans.of_case(0))
    assert len(scans.of_cases(np.array([1])).vectors) == 0
