import numpy as np
import torch

from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells, random_gaps

from .small_records import inputs_of, small_records


def test_hiding_a_column_makes_all_that_comes_from_it_unknown_and_nothing_else():
    inputs = inputs_of(small_records(), np.arange(40))
    blueprint = Blueprint.of(inputs, np.arange(40), n_outputs=1)
    cells = Cells.of(inputs)
    where = torch.zeros(60, 4, dtype=torch.bool)
    where[0, 3] = where[1, 1] = True
    hidden = cells.hidden(where, blueprint)
    assert int(hidden.categories[0, 0]) == blueprint.cardinalities[0] - 1
    assert bool(hidden.numbers[1, 1].isnan())
    np.testing.assert_array_equal(hidden.numbers[2:], cells.numbers[2:])
    np.testing.assert_array_equal(hidden.categories[1:], cells.categories[1:])
    np.testing.assert_array_equal(hidden.numbers[1, [0, 2]], cells.numbers[1, [0, 2]])


def test_half_of_the_cases_stay_whole_and_the_others_lose_any_share():
    gaps = random_gaps(4000, 40, generator=torch.Generator().manual_seed(0))
    shares = gaps.float().mean(dim=1)
    assert 0.45 < float((shares == 0).float().mean()) < 0.56
    gappy = shares[shares > 0]
    assert 0.45 < float(gappy.mean()) < 0.55
    assert float(gappy.max()) > 0.9
    assert float((gappy < 0.2).float().mean()) > 0.1


def test_the_same_seed_hides_the_same_cells():
    first, second = (
        random_gaps(9, 7, generator=torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert bool((first == second).all())
