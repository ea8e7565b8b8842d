import numpy as np
import pytest

from mmfeat.fusion.residual import choose_share
from mmfeat.fusion.task import Task

N = 4000


@pytest.fixture
def anchored():
    return np.random.default_rng(0).normal(size=(N, 1))


def _tossed(logits):
    return (np.random.default_rng(1).random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(float)


def test_a_residual_that_is_noise_gets_no_share(anchored):
    noise = np.random.default_rng(2).normal(size=(N, 1))
    assert choose_share(anchored, noise, _tossed(anchored), Task.single("binary")) == 0.0


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_the_share_that_was_put_in_is_found(anchored, share):
    residual = np.random.default_rng(3).normal(size=(N, 1))
    labels = _tossed(anchored + share * residual)
    assert choose_share(anchored, residual, labels, Task.single("binary")) == pytest.approx(
        share, abs=0.15
    )


def test_a_gain_below_a_thousandth_is_not_taken(anchored):
    residual = np.full((N, 1), 0.03)
    labels = _tossed(anchored + 0.05)
    assert choose_share(anchored, residual, labels, Task.single("binary")) == 0.0


def test_a_gain_within_its_standard_error_is_not_taken():
    anchored, residual = np.zeros((8, 1)), np.array([[1.0]] * 5 + [[-1.0]] * 3)
    labels = np.array([[1.0]] * 4 + [[0.0]] * 3 + [[1.0]])
    assert choose_share(anchored, residual, labels, Task.single("binary")) == 0.0


def test_missing_labels_do_not_count():
    anchored, residual = np.zeros((200, 2)), np.ones((200, 2))
    labels = np.ones((200, 2))
    labels[:100] = np.nan
    labels[100:, 1] = np.nan
    assert choose_share(anchored, residual, labels, Task.single("multilabel", 2)) == pytest.approx(
        1.5
    )
