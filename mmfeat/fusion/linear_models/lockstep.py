"""Minimise many functions at once, each asked for at one point in every pass over the cases."""

from collections import deque
from collections.abc import Callable, Generator, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Evaluated = tuple[float, Array]
"""A value and a slope."""
Minimiser = Generator[Array, Evaluated, Array]
"""Gives points, is sent what is found there, and returns the lowest one."""

_REMEMBERED = 8
_LEAST_DECREASE = 1e-4
_ROUNDING = 1e-13
_MOST_HALVINGS = 30


def lbfgs(
    start: Array, *, solve: Callable[[Array], Array], tolerance: float, most_steps: int = 200
) -> Minimiser:
    """Minimise a convex function by L-BFGS (Nocedal and Wright, algorithm 7.5).

    Args:
        start: Where to begin.
        solve: Multiplies a slope with about the inverse of the curvature; the closer, the fewer
            steps.
        tolerance: Ends when no coordinate would move by more than this.
        most_steps: Ends after so many steps at the latest.
    """
    point = start
    value, slope = yield point
    pairs: deque[tuple[Array, Array]] = deque(maxlen=_REMEMBERED)
    for _ in range(most_steps):
        direction = -_times_inverse(slope, pairs, solve)
        if np.abs(direction).max(initial=0.0) <= tolerance:
            return np.asarray(point + direction)
        descent, share = float(slope @ direction), 1.0
        for _ in range(_MOST_HALVINGS):
            next_value, next_slope = yield point + share * direction
            bound = value + _LEAST_DECREASE * share * descent + _ROUNDING * abs(value)
            if next_value <= bound:
                break
            share /= 2
        else:
            return point  # nothing but rounding is left
        move, turn = share * direction, next_slope - slope
        if move @ turn > _ROUNDING * np.sqrt((move @ move) * (turn @ turn)):
            pairs.append((move, turn))
        point, value, slope = point + move, next_value, next_slope
    return point


def in_lockstep(
    minimisers: Sequence[Minimiser],
    evaluate: Callable[[Sequence[tuple[int, Array]]], Sequence[Evaluated]],
) -> list[Array]:
    """Run minimisers to their ends and return what they found.

    Args:
        minimisers: Fresh ones.
        evaluate: Given the number of each minimiser that still asks, and its point, returns value
            and slope of each.
    """
    asked = {number: next(minimiser) for number, minimiser in enumerate(minimisers)}
    found: dict[int, Array] = {}
    while asked:
        points = list(asked.items())
        for (number, _), answer in zip(points, evaluate(points), strict=True):
            try:
                asked[number] = minimisers[number].send(answer)
            except StopIteration as stop:
                found[number] = stop.value
                del asked[number]
    return [found[number] for number in range(len(minimisers))]


def _times_inverse(
    slope: Array, pairs: Sequence[tuple[Array, Array]], solve: Callable[[Array], Array]
) -> Array:
    """Multiply a slope with the inverse curvature that the remembered moves tell of."""
    left, shares = slope.copy(), []
    for move, turn in reversed(pairs):
        share = (move @ left) / (move @ turn)
        shares.append(share)
        left -= share * turn
    result = solve(left)
    if pairs:
        move, turn = pairs[-1]
        result = result * ((move @ turn) / (turn @ solve(turn)))
    for (move, turn), share in zip(pairs, reversed(shares), strict=True):
        result += (share - (turn @ result) / (move @ turn)) * move
    return np.asarray(result)
