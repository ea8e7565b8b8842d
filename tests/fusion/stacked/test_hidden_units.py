import numpy as np
import pytest
import torch

from mmfeat.fusion.stacked.counters import StepRandom, position_words
from mmfeat.fusion.stacked.hidden_units import HiddenUnits, dropped_levels

WORDS = position_words(5000, "cpu")


def _hide(rates, keys=None, n_layers=3):
    keys = torch.arange(len(rates)) if keys is None else torch.tensor(keys)
    levels = torch.tensor([dropped_levels(rate) for rate in rates], dtype=torch.int16)
    return HiddenUnits.for_step(StepRandom(keys, WORDS), n_layers, levels)


def test_each_head_hides_at_its_own_rate_and_keeps_the_mean():
    values = _hide([0.0, 0.2, 0.5])(torch.ones(3, 100, 200), 0)
    assert bool((values[0] == 1).all())
    for head, levels in ((1, 51), (2, 128)):
        rate = levels / 256
        deviation = (rate * (1 - rate) / 20_000) ** 0.5
        assert (values[head] == 0).double().mean() == pytest.approx(rate, abs=4 * deviation)
        kept = values[head][values[head] != 0]
        torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - rate)))


def test_a_heads_masks_do_not_depend_on_the_other_heads():
    values = torch.ones(3, 30, 7)
    together = _hide([0.1, 0.3, 0.6], keys=[5, 6, 7])
    alone = _hide([0.3], keys=[6])
    for layer in range(3):
        torch.testing.assert_close(alone(values[:1], layer)[0], together(values, layer)[1])


def test_masks_of_heads_layers_steps_and_neighbours_are_unrelated():
    n_values = 20_000
    keys = list(range(40))
    hide = _hide([0.5] * len(keys), keys=keys)
    masks = torch.stack([hide.kept(torch.ones(len(keys), n_values), layer) for layer in range(3)])
    signs = masks.flatten(0, 1).double() * 2 - 1  # (masks, values)
    correlations = (signs @ signs.T / n_values).numpy()
    pairs = correlations[np.triu_indices(len(signs), k=1)]
    # Of independent masks: mean 0 with deviation 1 / sqrt(values) each.
    assert abs(pairs).max() < 5 / n_values**0.5
    assert pairs.std() == pytest.approx(1 / n_values**0.5, rel=0.1)
    for distance in (1, 2, 3, 4, 5, 8, 64):
        along = (signs[:, distance:] * signs[:, :-distance]).mean(1)
        assert abs(along).max() < 5 / n_values**0.5
    of_rows = masks.view(-1, 100, 200).double().mean(2)  # as spread as coins are
    assert of_rows.std().item() == pytest.approx(0.5 / 200**0.5, rel=0.03)


def test_a_value_is_hidden_as_often_in_any_step():
    hide = _hide([0.5] * 4000, keys=list(range(4000)))
    shares = hide.kept(torch.ones(4000, 40), 0).double().mean(0)
    assert abs(shares - 0.5).max() < 4 * 0.5 / 4000**0.5


def test_a_rate_outside_its_range_is_an_error():
    with pytest.raises(ValueError, match=r"at least 0 and below 1, got 1\.0"):
        dropped_levels(1.0)
