import numpy as np

from mmfeat.fusion.linear_models.linear_model import row_space


def test_rows_span_a_basis_that_is_orthonormal_and_loses_nothing():
    features = np.random.default_rng(0).standard_normal((10, 30))
    basis = row_space(features)
    assert basis.shape == (30, 10)
    np.testing.assert_allclose(basis.T @ basis, np.eye(10), atol=1e-12)
    np.testing.assert_allclose(features @ basis @ basis.T, features, atol=1e-12)


def test_more_cases_than_columns_are_not_rotated():
    assert row_space(np.ones((30, 10))) is None
