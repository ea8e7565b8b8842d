"""What recalibrations share: checked arrays, and how answers of each kind of target hang together.

Kinds are those of targets: ``binary`` and ``multilabel`` have a probability for each output,
``multiclass`` rows that sum to 1, ``time_to_event`` risks until rising horizons.
"""

from collections.abc import Callable
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Fitted = TypeVar("Fitted")
Kind = Literal["binary", "multiclass", "multilabel", "time_to_event"]

KINDS: tuple[str, ...] = get_args(Kind)
SMALLEST = 1e-6
"""Probabilities are clipped to this and 1 minus this before a logarithm is taken."""


def checked_kind(kind: str) -> Kind:
    """Return the kind of a target that has probabilities.

    Raises:
        ValueError: It has none.
    """
    for known in get_args(Kind):
        if kind == known:
            return known  # type: ignore[no-any-return]  # get_args gives the literals themselves
    raise ValueError(f"kind must be one of {', '.join(KINDS)}, got `{kind}`")


def checked_probabilities(probabilities: ArrayLike, n_outputs: int | None = None) -> Array:
    """Return probabilities as ``(cases, outputs)``.

    Raises:
        ValueError: They have another shape, or are none.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    wanted = "outputs" if n_outputs is None else str(n_outputs)
    if values.ndim != 2 or n_outputs not in (None, values.shape[1]):
        raise ValueError(f"probabilities must be (cases, {wanted}), got {values.shape}")
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        raise ValueError(f"{wrong.sum()} values are no probabilities, the first {values[wrong][0]}")
    return values


def checked_pair(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Return probabilities and labels as ``(cases, outputs)``; a label is 0, 1 or NaN.

    Raises:
        ValueError: Shapes differ, or a value is not what it should be.
    """
    values, truth = checked_probabilities(probabilities), np.asarray(labels, dtype=np.float64)
    if truth.shape != values.shape:
        raise ValueError(f"labels must be {values.shape}, got {truth.shape}")
    if not np.isin(truth[~np.isnan(truth)], (0.0, 1.0)).all():
        raise ValueError(f"labels must be 0, 1 or NaN, got {np.unique(truth)[:5]}")
    return values, truth


def of_each_output(
    fit: Callable[[Array, Array], Fitted], pair: tuple[Array, Array]
) -> tuple[Fitted, ...]:
    """Return what is fitted to each output alone: its probabilities and its labels ``(cases,)``."""
    return tuple(fit(values, truth) for values, truth in zip(pair[0].T, pair[1].T, strict=True))


def has_both(labels: Array) -> bool:
    """Say whether a column of labels ``(cases,)`` has a 0 and a 1."""
    return bool((labels == 0).any() and (labels == 1).any())


def in_order_of(kind: Kind, answers: Array) -> Array:
    """Return answers that hang together as those of their kind do: ``(cases, outputs)``.

    Classes sum to 1; the risk until a later horizon is at least that until an earlier one.
    """
    if kind == "multiclass":
        return np.asarray(answers / answers.sum(axis=1, keepdims=True))
    if kind == "time_to_event":
        return np.asarray(np.maximum.accumulate(answers, axis=1))
    return answers
