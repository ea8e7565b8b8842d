import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.fusion.networks.bags import Bag


def _of(lengths):
    vectors = torch.arange(2.0 * sum(lengths)).view(-1, 2)
    return Bag(vectors, torch.tensor([0, *np.cumsum(lengths)], dtype=torch.int64))


def _case(bag, number):
    return bag.vectors[bag.offsets[number] : bag.offsets[number + 1]]


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.data())
def test_a_part_has_the_vectors_of_the_chosen_cases_in_their_order(lengths, data):
    bag = _of(lengths)
    rows = data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=6))
    part = bag.part(torch.tensor(rows, dtype=torch.int64))
    assert len(part) == len(rows)
    assert part.rows.tolist() == [n for n, row in enumerate(rows) for _ in range(lengths[row])]
    for number, row in enumerate(rows):
        torch.testing.assert_close(_case(part, number), _case(bag, row))


def test_the_case_of_each_vector_is_known():
    bag = _of([2, 0, 1])
    assert bag.rows.tolist() == [0, 0, 2]
    assert len(bag) == 3
