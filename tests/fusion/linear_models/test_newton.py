import numpy as np
import pytest
import scipy.optimize

from mmfeat.fusion.linear_models.logistic_loss import LogisticLoss
from mmfeat.fusion.linear_models.newton import newton


def _cases(n_logits, *, n_cases=70, width=4, seed=0):
    random = np.random.default_rng(seed)
    features = np.hstack([random.normal(0.4, 1.0, (n_cases, width)), np.ones((n_cases, 1))])
    scores = features[:, :n_logits] + random.gumbel(size=(n_cases, n_logits))
    if n_logits == 1:
        return features, (scores > 0.5).astype(float)
    return features, np.eye(n_logits)[scores.argmax(axis=1)]


def _newton(features, chosen, start, shrinkage):
    return newton(LogisticLoss(features, chosen, shrinkage), start, tolerance=1e-7)


def _loss(parameters, features, chosen, shrinkage):
    point = parameters.reshape(features.shape[1], -1)
    logits = features @ point
    if chosen.shape[1] == 1:  # beside the logit of the class, one of 0 for the other
        logits, chosen = np.hstack([logits, 0 * logits]), np.hstack([chosen, 1 - chosen])
    logs = logits - scipy.special.logsumexp(logits, axis=1, keepdims=True)
    return -(chosen * logs).sum() + shrinkage * (point[:-1] ** 2).sum() / 2


@pytest.mark.parametrize("n_logits", [1, 3])
@pytest.mark.parametrize("shrinkage", [1e-2, 1.0, 1e5])
def test_the_loss_is_the_least_that_a_general_minimiser_finds(n_logits, shrinkage):
    features, chosen = _cases(n_logits)
    start = np.zeros((features.shape[1], n_logits))
    found = _newton(features, chosen, start, shrinkage)
    best = scipy.optimize.minimize(_loss, start.ravel(), args=(features, chosen, shrinkage))
    assert _loss(found.ravel(), features, chosen, shrinkage) <= best.fun + 1e-9
    np.testing.assert_allclose(features @ found, features @ best.x.reshape(start.shape), atol=1e-3)


def test_where_the_steps_start_makes_no_difference():
    features, chosen = _cases(3)
    found, again = (
        _newton(features, chosen, start, 0.3)
        for start in (np.zeros((5, 3)), np.full((5, 3), 4.0) * np.arange(-1, 2))
    )
    np.testing.assert_allclose(again, found, atol=1e-6)


def test_classes_far_apart_and_columns_of_very_different_scales_are_no_trouble():
    features, _ = _cases(1)
    features[:, :-1] *= (1e-4, 1.0, 1e2, 1e4)
    chosen = (features[:, 3:4] > 0).astype(float)
    found = _newton(features, chosen, np.zeros((5, 1)), 1e-2)
    assert ((features @ found > 0) == (chosen > 0)).all()


def test_what_is_no_number_leads_nowhere():
    features, chosen = _cases(1)
    features[3, 2] = np.nan
    assert _newton(features, chosen, np.zeros((5, 1)), 1.0) is None
