import numpy as np
import torch

from mmfeat.fusion.stacked.counters import StepRandom, position_words
from mmfeat.fusion.stacked.drawn_views import drawn


def _drawn(visible, keys):
    return drawn(visible, StepRandom(torch.tensor(keys), position_words(7000, "cpu")))


def test_every_set_of_what_is_there_is_drawn_about_as_often_and_nothing_else():
    visible = torch.tensor([[True, False, True, True]]).repeat(7000, 1)[None, None]
    kept = _drawn(visible, [3])[0, 0]
    sets, counts = np.unique(kept.numpy(), axis=0, return_counts=True)
    assert len(sets) == 7
    assert not sets[:, 1].any()
    assert abs(counts - 1000).max() < 5 * 1000**0.5


def test_one_modality_stays_and_a_case_without_any_stays_empty():
    visible = torch.tensor([[False, True], [False, False]])[None, None]
    torch.testing.assert_close(_drawn(visible, [0]), visible)


def test_a_heads_draw_does_not_depend_on_the_others():
    visible = torch.ones(2, 1, 50, 3, dtype=torch.bool)
    together = _drawn(visible, [1, 2])
    torch.testing.assert_close(_drawn(visible[:1], [2])[0], together[1])
    assert bool((together[0] != together[1]).any())
