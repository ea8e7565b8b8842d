import numpy as np
import pytest
from sklearn.linear_model import Ridge

from mmfeat.fusion.linear_models.ridge import RidgeFitter


@pytest.mark.parametrize("width", [4, 70])
@pytest.mark.parametrize("penalty", [1e-3, 10.0])
def test_it_is_ridge_regression_of_scikit_learn(width, penalty):
    random = np.random.default_rng(0)
    features = random.normal(size=(40, width)) + 0.5
    values = features[:, 0] + random.normal(size=40) + 3
    reference = Ridge(alpha=1 / penalty).fit(features, values)
    model = RidgeFitter(features, values).fit(penalty)
    np.testing.assert_allclose(model.coefficients[:, 0], reference.coef_, atol=1e-8)
    np.testing.assert_allclose(model.intercepts, reference.intercept_, atol=1e-8)


def test_columns_that_say_nothing_get_no_coefficient():
    features = np.hstack([np.arange(5.0)[:, None], np.full((5, 1), 7.0)])
    model = RidgeFitter(features, np.arange(5.0)).fit(1e6)
    np.testing.assert_allclose(model.logits(features)[:, 0], np.arange(5.0), atol=1e-5)
    assert model.coefficients[1, 0] == pytest.approx(0, abs=1e-9)
