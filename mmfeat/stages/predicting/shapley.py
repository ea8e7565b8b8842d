"""How much each modality moved a prediction: exact Shapley values over all sets of modalities."""

from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_PLAYERS = 12
"""With more modalities than this, thousands of sets would have to be predicted."""


def shapley_values(worth: ArrayLike) -> NDArray[np.float64]:
    """Divide what all players are worth together, less what none is, among them.

    Each gets the mean, over all orders in which they could come, of what it adds to those who came
    before (Shapley 1953). The parts sum to the worth of all less that of none; one that never
    changes anything gets 0.

    Shape:
        - ``worth``: ``(2**players, ...)``. The first axis is a set of players, as a number whose
          bit ``i`` says whether player ``i`` is in it; so the first one is the empty set.
        - Output: ``(players, ...)``.

    Example:
        >>> shapley_values([0.2, 0.5, 0.3, 0.9]).round(2).tolist()
        [0.45, 0.25]
    """
    values = np.asarray(worth, np.float64)
    n_players = len(values).bit_length() - 1
    if len(values) != 2**n_players or not 1 <= n_players <= MOST_PLAYERS:
        raise ValueError(
            f"worth must be of 2 to 2**{MOST_PLAYERS} sets, a power of two, got {len(values)}"
        )
    sets = np.arange(len(values))
    sizes = np.array([int(members).bit_count() for members in sets])
    orders = factorial(n_players)
    parts = np.empty((n_players, *values.shape[1:]))
    for player in range(n_players):
        without = sets[(sets >> player) & 1 == 0]
        weights = [
            factorial(size) * factorial(n_players - size - 1) / orders for size in sizes[without]
        ]
        parts[player] = np.tensordot(weights, values[without | 1 << player] - values[without], 1)
    return parts
