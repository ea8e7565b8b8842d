"""Holm's correction for several comparisons."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values adjusted by Holm's step-down method (1979), in their order.

    Comparing adjusted values with 0.05 keeps the chance of any false one in the family below that,
    whatever depends on what. None, where there is no comparison, stays so and does not count.

    Raises:
        ValueError: A value is no probability.

    Example:
        >>> holm([0.01, None, 0.04, 0.03])
        [0.03, None, 0.06, 0.06]
    """
    places = [place for place, p in enumerate(p_values) if p is not None]
    values = np.array([p_values[place] for place in places], dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected p-values from 0 to 1, got {list(p_values)}")
    order = np.argsort(values, kind="stable")
    raised = values[order] * np.arange(len(values), 0, -1)
    adjusted: list[float | None] = [None] * len(p_values)
    for place, value in zip(order, np.minimum(np.maximum.accumulate(raised), 1.0), strict=True):
        adjusted[places[place]] = float(value)
    return adjusted
