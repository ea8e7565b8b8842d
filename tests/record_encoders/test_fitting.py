import math
from itertools import chain

import pytest
import torch

from mmfeat.errors import Interrupted
from mmfeat.fusion.training.network_jobs import LoopOptions
from mmfeat.fusion.training.seeding import seeded
from mmfeat.record_encoders.fitting import fit_network

OPTIONS = LoopOptions(epochs=40, patience=4, batch_size=8, learning_rate=0.05, weight_decay=0.0)


def _fit(scores=None, options=OPTIONS, should_stop=lambda: False, **kwargs):
    """Fit y = 2 x; with ``scores``, pretend that the validation part gave these."""
    with seeded(0, "cpu") as generator:
        network = torch.nn.Linear(1, 1)
        x = torch.linspace(-1, 1, 30)[:, None]
        visited = []
        remembered = []

        def loss_on(rows):
            visited.append(rows.tolist())
            return ((network(x[rows]) - 2 * x[rows]) ** 2).mean()

        def score():
            remembered.append(network.weight.item())
            return scores[len(remembered) - 1] if scores else -float((network.weight - 2) ** 2)

        history = fit_network(
            network,
            n_rows=30,
            loss_on=loss_on,
            score=score,
            options=options,
            generator=generator,
            should_stop=should_stop,
            **kwargs,
        )
    return network, history, remembered, visited


def test_the_problem_is_solved():
    network, history, _, _ = _fit()
    assert network.weight.item() == pytest.approx(2.0, abs=0.05)
    assert math.isnan(history[0]["loss"])
    assert history[-1]["loss"] < 0.01


def test_every_row_is_visited_once_in_each_epoch_in_another_order():
    _, _, _, visited = _fit(options=LoopOptions(2, 9, 8, 0.01, 0.0))
    first, second = visited[:4], visited[4:]
    assert [len(rows) for rows in first] == [8, 8, 8, 6]
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(30))
    assert first != second


def test_it_stops_when_patience_is_over_and_takes_the_best_weights_back():
    scores = [0.0, 0.3, 0.9, 0.5, 0.6, 0.7, 0.8, 0.0]
    network, history, remembered, _ = _fit(scores)
    assert [record["epoch"] for record in history] == list(range(7))
    assert network.weight.item() == remembered[2]
    assert not network.training


@pytest.mark.parametrize(("start_competes", "best"), [(True, 0), (False, 1)])
def test_the_start_wins_only_where_it_may(start_competes, best):
    network, _, remembered, _ = _fit([0.9, 0.5, 0.4, 0.3, 0.2, 0.1], start_competes=start_competes)
    assert network.weight.item() == remembered[best]


def test_a_request_to_stop_ends_it():
    with pytest.raises(Interrupted, match="finished ones are kept"):
        _fit(should_stop=lambda: True)


def test_scales_and_tokens_are_not_decayed():
    with seeded(0, "cpu") as generator:
        network = torch.nn.Linear(2, 1)
        torch.nn.init.ones_(network.weight)
        torch.nn.init.ones_(network.bias)
        fit_network(
            network,
            n_rows=4,
            loss_on=lambda rows: network.weight.sum() * 0.0 + network.bias.sum() * 0.0,
            score=iter([0.0, 1.0, 2.0]).__next__,
            options=LoopOptions(2, 9, 4, learning_rate=0.1, weight_decay=1.0),
            generator=generator,
            should_stop=lambda: False,
        )
    assert network.weight.detach().tolist() == [pytest.approx([0.81, 0.81])]
    assert network.bias.item() == 1.0
