"""How embeddings vary: against NumPy, and by hand."""

import numpy as np
import pytest

from mmfeat.embedding_checks.spectrum import MOST_ROWS, Spectrum
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.stored_vectors import StoredVectors


def _of(values):
    values = np.asarray(values, np.float32)
    return Spectrum.of(values, np.arange(len(values)))


def test_uncorrelated_columns_all_count():
    corners = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
    found = _of(corners * [1.0, 50.0, 0.01] + [0.0, 7.0, 0.0])  # scales make no difference
    assert found.effective_rank == pytest.approx(3.0)
    assert found.variances == pytest.approx([1 / 3] * 3)
    assert found.n_varying == 3


def test_copies_of_one_column_are_one_direction_and_constant_ones_none():
    column = np.random.default_rng(0).normal(size=50)
    found = _of(np.stack([column, 2 * column, -column, np.full(50, 3.7)], axis=1))
    assert found.effective_rank == pytest.approx(1.0)
    assert found.n_varying == 3
    assert found.directions.shape == (1, 4)


def test_the_mean_cosine_is_that_of_all_pairs():
    values = np.random.default_rng(1).normal(size=(20, 5)) + 1
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    pairs = (unit @ unit.T)[np.triu_indices(20, 1)]
    assert _of(values).mean_cosine == pytest.approx(pairs.mean(), rel=1e-5)


@pytest.mark.parametrize("shape", [(60, 9), (9, 60)])
def test_directions_are_those_of_a_singular_value_decomposition(shape):
    values = np.random.default_rng(2).normal(size=shape) @ np.diag(np.arange(1, shape[1] + 1))
    found = _of(values)
    scaled = found.standardised(values.astype(np.float32))
    _, singular, directions = np.linalg.svd(scaled - scaled.mean(axis=0), full_matrices=False)
    n_kept = len(found.directions)
    assert found.variances == pytest.approx((singular**2 / (singular**2).sum())[:n_kept])
    overlap = np.abs(found.directions @ directions[:n_kept].T)
    assert np.diag(overlap) == pytest.approx(np.ones(n_kept), abs=1e-6)
    shares = singular[singular > 1e-6] / singular.sum()
    assert found.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))


def test_more_rows_than_the_directions_are_taken_from_are_all_scaled_by():
    values = np.random.default_rng(3).normal(size=(MOST_ROWS + 500, 3)).astype(np.float32)
    found = _of(values)
    assert found.mean == pytest.approx(values.mean(axis=0), abs=1e-6)
    assert found.sd == pytest.approx(values.std(axis=0), rel=1e-5)
    assert found.projected(values, np.arange(len(values))).shape == (len(values), 3)


def test_vectors_in_files_are_measured_as_those_in_memory(tmp_path):
    values = np.random.default_rng(4).normal(size=(30, 6)).astype(np.float32)
    (tmp_path / "rows").write_bytes(values.tobytes())
    stored = StoredVectors.of_rows((RowFile(tmp_path / "rows", 0, "<f4", 30, 6),), np.arange(30))
    rows = np.arange(0, 30, 2)
    one, other = Spectrum.of(values, rows), Spectrum.of(stored, rows)
    np.testing.assert_array_equal(one.directions, other.directions)
    np.testing.assert_array_equal(one.projected(values, rows), other.projected(stored, rows))


def test_one_case_has_no_spectrum():
    with pytest.raises(ValueError, match="two or more rows, got 1"):
        _of([[1.0, 2.0]])
