import numpy as np
import torch

from mmfeat.fusion.stacked.row_order import shuffled


def _orders(n_rows, seeds, epochs):
    rows = torch.arange(40).repeat(len(n_rows), 1)
    numbers = [torch.tensor(values) for values in (n_rows, seeds, epochs)]
    return shuffled(rows, *numbers)


def test_every_row_is_met_once_and_what_fills_up_stays_behind():
    orders = _orders([40, 25], [0, 1], [1, 1])
    assert sorted(orders[0].tolist()) == list(range(40))
    assert sorted(orders[1, :25].tolist()) == list(range(25))
    assert orders[1, 25:].tolist() == list(range(25, 40))


def test_the_order_depends_on_seed_and_epoch_and_on_no_other_head():
    together = _orders([40, 40, 25], [3, 3, 4], [1, 2, 1])
    torch.testing.assert_close(_orders([40], [3], [2])[0], together[1])
    assert together[0].tolist() != together[1].tolist()


def test_every_row_comes_first_about_as_often():
    orders = _orders([40] * 4000, list(range(4000)), [1] * 4000)
    counts = np.bincount(orders[:, 0].numpy(), minlength=40)
    assert abs(counts - 100).max() < 5 * 10
