from itertools import chain, combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.fusion.views import every_view, sample_views, training_views, visible_through


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_up_to_four_modalities_every_non_empty_set_is_a_view(n):
    views = training_views(n, seed=0)
    found = [tuple(np.flatnonzero(view)) for view in views]
    subsets = chain.from_iterable(combinations(range(n), size) for size in range(1, n + 1))
    assert found == list(subsets)


@pytest.mark.parametrize("n", [5, 6, 9])
def test_beyond_four_the_single_ones_the_full_set_and_some_others_are(n):
    views = training_views(n, seed=3)
    assert len(np.unique(views, axis=0)) == len(views) == n + 8 + 1
    assert (views[:n] == np.eye(n, dtype=bool)).all()
    assert views[-1].all()
    assert (training_views(n, seed=4) != views).any()


def test_no_modality_is_refused():
    with pytest.raises(ValueError, match="1 or more, got 0"):
        training_views(0, seed=0)


def test_a_case_takes_part_once_in_each_set_of_what_it_has():
    present = torch.tensor([[True, True], [True, False], [False, True]])
    visible, takes_part = visible_through(torch.from_numpy(every_view(2)), present)
    assert takes_part.T.tolist() == [[True, True, True], [True, False, False], [False, True, False]]
    assert visible[2].tolist() == present.tolist()


@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3).filter(any), min_size=1, max_size=6)
)
def test_every_case_is_seen_through_each_non_empty_subset_exactly_once(rows):
    present = torch.tensor(rows)
    visible, takes_part = visible_through(torch.from_numpy(every_view(3)), present)
    for row, has in enumerate(rows):
        seen = [tuple(v) for v in visible[takes_part[:, row], row].tolist()]
        assert len(set(seen)) == len(seen) == 2 ** sum(has) - 1


def test_a_case_with_nothing_is_refused_by_its_row():
    present = torch.tensor([[True, False], [False, False]])
    with pytest.raises(ValueError, match="row 1 has none"):
        visible_through(torch.from_numpy(every_view(2)), present)


def test_drawn_sets_are_non_empty_and_all_alike_likely():
    present = torch.ones(6000, 2, dtype=torch.bool)
    present[:, 1] = torch.arange(6000) < 5000
    drawn = sample_views(present, torch.Generator().manual_seed(0))
    assert drawn.any(dim=1).all()
    assert not (drawn & ~present).any()
    both, first, second = (
        (drawn[:5000] == torch.tensor(pattern)).all(1).float().mean().item()
        for pattern in ([True, True], [True, False], [False, True])
    )
    assert [both, first, second] == pytest.approx([1 / 3] * 3, abs=0.03)
