from dataclasses import replace

import numpy as np
import pytest

from mmfeat.stages.scan_pooling import pool_scans, pool_stored
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import StoredVectors

SCANS = ScanSet(
    np.array([[1, 8], [2, 2], [6, 5], [7, -7], [9, 9], [3, 1]], np.float32),
    np.array([0, 0, 3, 4, 4, 6]),
    np.array([10.0, 200.0, 200.0, np.nan, -5.0, 30.0]),
)
"""Five cases: without a scan, with three (two of one day), one, none, and two (one too late)."""


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mean", [[0, 0], [3, 5], [7, -7], [0, 0], [6, 5]]),
        ("set", [[0, 0], [3, 5], [7, -7], [0, 0], [6, 5]]),
        ("max", [[0, 0], [6, 8], [7, -7], [0, 0], [9, 9]]),
        ("latest", [[0, 0], [1, 8], [7, -7], [0, 0], [9, 9]]),
        ("earliest", [[0, 0], [2, 2], [7, -7], [0, 0], [3, 1]]),
    ],
)
def test_each_rule_gives_what_was_worked_out_by_hand(rule, expected):
    pooled = pool_scans(SCANS, rule)
    assert pooled.dtype == np.float32
    np.testing.assert_array_equal(pooled, expected)


@pytest.mark.parametrize("rule", ["mean", "max", "latest", "earliest", "set"])
def test_one_scan_alone_is_itself_bit_for_bit(rule):
    vectors = np.random.default_rng(0).normal(0, 1e3, (50, 7)).astype(np.float32)
    scans = ScanSet(vectors, np.arange(51), np.full(50, np.nan))
    np.testing.assert_array_equal(pool_scans(scans, rule), vectors)


def test_a_mean_of_many_scans_is_as_exact_as_numpy_in_double_precision():
    vectors = np.random.default_rng(0).normal(1e6, 1, (1000, 3)).astype(np.float32)
    scans = ScanSet(vectors, np.array([0, 1000]), np.zeros(1000))
    expected = vectors.astype(np.float64).mean(axis=0).astype(np.float32)
    np.testing.assert_array_equal(pool_scans(scans, "mean")[0], expected)


def test_without_any_scan_everything_is_zero():
    nothing = ScanSet(np.empty((0, 4), np.float32), np.zeros(3, np.int64), np.empty(0))
    np.testing.assert_array_equal(pool_scans(nothing, "max"), np.zeros((2, 4)))


@pytest.mark.parametrize("rule", ["mean", "max", "latest", "earliest", "set"])
def test_scans_in_a_file_are_pooled_as_those_in_memory(rule, tmp_path):
    SCANS.vectors.tofile(tmp_path / "scans")
    file = RowFile(tmp_path / "scans", 0, "<f4", n_rows=6, width=2)
    stored = StoredVectors.of_rows((file,), np.arange(6))
    without = replace(SCANS, vectors=np.zeros((6, 0), np.float32))
    pooled = pool_stored(stored, without, rule)
    assert pooled.shape == (5, 2)
    np.testing.assert_array_equal(pooled[:], pool_scans(SCANS, rule))
