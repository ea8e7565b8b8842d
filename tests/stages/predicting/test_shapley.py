from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.stages.predicting.shapley import shapley_values


def _brute_force(worth):
    """Average what each player adds over all orders in which the players could come."""
    n_players = len(worth).bit_length() - 1
    parts = np.zeros(n_players)
    orders = list(permutations(range(n_players)))
    for order in orders:
        members = 0
        for player in order:
            parts[player] += worth[members | 1 << player] - worth[members]
            members |= 1 << player
    return parts / len(orders)


@pytest.mark.parametrize("n_players", [1, 2, 3, 4, 6])
def test_parts_are_those_of_all_orders(n_players):
    worth = np.random.default_rng(n_players).random(2**n_players)
    np.testing.assert_allclose(shapley_values(worth), _brute_force(worth), atol=1e-12)


@given(
    st.integers(1, 5).flatmap(lambda n: st.lists(st.floats(-5, 5), min_size=2**n, max_size=2**n))
)
def test_parts_sum_to_what_all_are_worth_more_than_none(worth):
    assert shapley_values(worth).sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


def test_a_player_who_changes_nothing_gets_nothing_and_equals_get_the_same():
    # Players 0 and 1 are alike, player 2 adds nothing.
    of_pair = [0.1, 0.4, 0.4, 0.9]
    assert shapley_values([*of_pair, *of_pair]).tolist() == pytest.approx([0.4, 0.4, 0.0])


def test_cases_and_outputs_are_divided_each_for_itself():
    worth = np.random.default_rng(0).random((4, 3, 2))
    parts = shapley_values(worth)
    assert parts.shape == (2, 3, 2)
    np.testing.assert_allclose(parts[:, 1, 0], shapley_values(worth[:, 1, 0]), atol=1e-15)


def test_only_the_worth_of_all_sets_will_do():
    with pytest.raises(ValueError, match="a power of two, got 3"):
        shapley_values([0.0, 1.0, 2.0])
