import math

import pytest

from mmfeat.fusion.training.epochs import Epochs, Verdict
from mmfeat.fusion.training.network_jobs import LoopOptions

LOOP = LoopOptions(6, 2, 8, 0.1, 0.0)


def _follow(scores, losses=None, **kwargs):
    epochs = Epochs(LOOP, kwargs.pop("start_competes", False))
    epochs.start(Verdict(scores[0], 0.7))
    improved = [
        epochs.add(loss, Verdict(score, 0.6))
        for loss, score in zip(losses or [1.0] * (len(scores) - 1), scores[1:], strict=True)
    ]
    return epochs, improved


def test_it_is_finished_when_patience_is_over_and_then_nothing_counts():
    epochs, improved = _follow([0.0, 0.3, 0.9, 0.5, 0.6, 1.0, 2.0])
    assert improved == [True, True, False, False, False, False]
    assert epochs.is_finished
    assert (epochs.best_epoch, epochs.epoch) == (2, 4)


def test_it_is_finished_after_the_last_epoch():
    epochs, _ = _follow([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert not epochs.is_finished
    epochs.add(1.0, Verdict(0.6, 0.4))
    assert epochs.is_finished
    assert [record["epoch"] for record in epochs.history] == list(range(7))
    assert math.isnan(epochs.history[0]["loss"])
    assert [record["validation"] for record in epochs.history] == [0.7, *[0.6] * 5, 0.4]


@pytest.mark.parametrize(("start_competes", "best"), [(True, 0), (False, 1)])
def test_the_start_wins_only_where_it_may(start_competes, best):
    epochs, _ = _follow([0.9, 0.5, 0.4], start_competes=start_competes)
    assert epochs.best_epoch == best


def test_what_is_not_a_number_ends_it_with_a_reason():
    epochs, improved = _follow([0.5, 0.6, 0.7], losses=[1.0, math.nan])
    assert improved == [True, False]
    assert epochs.is_finished
    assert epochs.failure == "the loss of epoch 2 is nan"
    assert _follow([math.nan])[0].failure == "the score of epoch 0 is nan"
