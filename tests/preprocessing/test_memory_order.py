import itertools

import numpy as np
import pytest

from mmfeat.preprocessing.memory_order import axes_back, slowest_first


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("step", [1, -1])
def test_an_array_turned_about_is_put_as_it_lies_in_memory_and_back(axes, step):
    values = np.arange(24).reshape(2, 3, 4).transpose(axes)[::step, ::step, ::step]
    order = slowest_first(values)
    assert values.transpose(order).shape == (2, 3, 4)
    np.testing.assert_array_equal(values.transpose(order).transpose(axes_back(order)), values)
