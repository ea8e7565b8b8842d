import numpy as np
import pytest

from mmfeat.fusion.linear_models.logistic_loss import LogisticLoss

STEP = 1e-5


def _loss(n_logits):
    random = np.random.default_rng(n_logits)
    features = np.hstack([random.normal(size=(9, 3)), np.ones((9, 1))])
    chosen = random.multinomial(1, np.full(n_logits, 1 / n_logits), size=9).astype(float)
    if n_logits == 1:
        chosen = (features[:, :1] > 0).astype(float)
    return LogisticLoss(features, chosen, 0.7), random.normal(size=(4, n_logits))


def _moved(loss, point, number, by):
    moved = point.copy()
    moved.flat[number] += by
    return loss.at(moved)


@pytest.mark.parametrize("n_logits", [1, 2, 4])
def test_slope_and_curvature_are_those_of_the_loss(n_logits):
    loss, point = _loss(n_logits)
    _, slope, expected = loss.at(point)
    for number in range(point.size):
        ahead, behind = (_moved(loss, point, number, by) for by in (STEP, -STEP))
        assert (ahead[0] - behind[0]) / (2 * STEP) == pytest.approx(slope.flat[number], abs=1e-6)
        bend = (ahead[1] - behind[1]).ravel() / (2 * STEP)
        found = loss.curvature(expected)[number]
        if n_logits > 1 and number >= point.size - n_logits:
            # What keeps the mean of the intercepts is the same for each of them.
            added = found - bend
            np.testing.assert_allclose(added[:-n_logits], 0.0, atol=1e-6)
            np.testing.assert_allclose(added[-n_logits:], added[-1], atol=1e-6)
            assert added[-1] > 0
        else:
            np.testing.assert_allclose(found, bend, atol=1e-6)


def test_the_loss_of_no_coefficients_is_the_logarithm_of_the_number_of_classes():
    loss, _ = _loss(4)
    assert loss.at(np.zeros((4, 4)))[0] == pytest.approx(9 * np.log(4))
    one, _ = _loss(1)
    assert one.at(np.zeros((4, 1)))[0] == pytest.approx(9 * np.log(2))
