"""Sets of classes and intervals of numbers that cover the truth at a chosen level.

Both compare a new case with the cases of a cross-validation, each answered by the models that
never saw it. A new case has an answer of every fold's models, so it is compared with the cases of a
fold by the answer of that very fold: cross-conformal prediction (Vovk 2015), which for numbers is
the CV+ of Barber, Candès, Ramdas and Tibshirani (2021). It is sure to miss no more than twice as
often as asked (up to a term of the number of folds over that of cases), and as a rule misses as
often as asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_NUMBERS_AT_ONCE = 4_000_000
"""Of the table of known cases by new ones; 32 MB."""


def check_level(level: float) -> None:
    """Raise ValueError unless a level of coverage can be asked for.

    Below one half an interval could end before it begins.
    """
    if not 0.5 <= level < 1:
        raise ValueError(f"level must be from 0.5 to below 1, got {level}")


@dataclass(frozen=True)
class ClassConformal:
    """Say how strange each class would be for a new case, next to known cases of that class.

    Every class has a comparison of its own, so the level holds within each class and not only over
    all cases, where a rare class could always be left out (label-conditional: Vovk 2012). The
    strangeness of a class is one minus its probability. A class of fewer known cases than
    ``1 / (1 - level) - 1`` can never be excluded.

    Example:
        >>> probabilities = [[0.9, 0.1], [0.7, 0.3], [0.4, 0.6], [0.2, 0.8]]
        >>> known = ClassConformal.fit(probabilities, classes=[0, 0, 1, 1], folds=[0, 1, 0, 1])
        >>> known.p_values([[[0.8, 0.2]], [[0.6, 0.4]]]).round(3).tolist()
        [[0.333, 0.333]]
    """

    support: tuple[Array, ...]
    """Of each class, the probability that known cases of it were given for it."""
    folds: tuple[NDArray[np.int64], ...]
    """Of each class, the fold of these cases."""

    @classmethod
    def fit(cls, probabilities: ArrayLike, *, classes: ArrayLike, folds: ArrayLike) -> Self:
        """Keep what is compared with.

        Args:
            probabilities: Of known cases, by models that did not see them: ``(cases, classes)``.
            classes: The class of each case: ``(cases,)``.
            folds: The fold whose test part the case was in: ``(cases,)``.
        """
        values = np.asarray(probabilities, np.float64)
        classes, folds = np.asarray(classes, np.int64), np.asarray(folds, np.int64)
        if values.ndim != 2 or classes.shape != folds.shape or classes.shape != values.shape[:1]:
            shapes = (values.shape, classes.shape, folds.shape)
            raise ValueError(f"probabilities, classes and folds do not fit: {shapes}")
        if len(classes) and not 0 <= classes.min() <= classes.max() < values.shape[1]:
            raise ValueError(f"classes must be below {values.shape[1]}, got up to {classes.max()}")
        if not np.isfinite(values).all():
            raise ValueError("probabilities must be finite")
        support, of_fold = [], []
        for number in range(values.shape[1]):
            own = classes == number
            order = np.lexsort(
                (values[own, number], folds[own])
            )  # tells nothing of the cases' order
            support.append(values[own, number][order])
            of_fold.append(folds[own][order])
        return cls(tuple(support), tuple(of_fold))

    @property
    def n_cases(self) -> tuple[int, ...]:
        """Return the number of known cases of each class."""
        return tuple(map(len, self.support))

    def p_values(self, probabilities: ArrayLike) -> Array:
        """Return how usual each class would be: the share of known cases at least as strange.

        The new case counts as one of them, so no p is 0. A class is in the set of level ``level``
        where its p is above ``1 - level``.

        Shape:
            - ``probabilities``: ``(folds, cases, classes)``, the answers of each fold's models.
            - Output: ``(cases, classes)``.
        """
        values = np.asarray(probabilities, np.float64)
        if values.ndim != 3 or values.shape[2] != len(self.support):
            raise ValueError(
                f"probabilities must be (folds, cases, {len(self.support)}), got {values.shape}"
            )
        p_values = np.ones(values.shape[1:])
        for number, (support, folds) in enumerate(zip(self.support, self.folds, strict=True)):
            _check_folds(folds, len(values))
            n_stranger = np.zeros(values.shape[1])
            for fold in np.unique(folds):
                known = np.sort(support[folds == fold])
                n_stranger += np.searchsorted(known, values[fold, :, number], side="right")
            p_values[:, number] = (n_stranger + 1) / (len(support) + 1)
        return p_values

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        classes = [np.full(len(one), number) for number, one in enumerate(self.support)]
        return {
            "support": np.concatenate(self.support),
            "folds": np.concatenate(self.folds),
            "classes": np.concatenate(classes).astype(np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], *, n_classes: int) -> Self:
        """Make one of what `to_arrays` returned."""
        own = [arrays["classes"] == number for number in range(n_classes)]
        return cls(
            tuple(arrays["support"][rows] for rows in own),
            tuple(arrays["folds"][rows] for rows in own),
        )


@dataclass(frozen=True)
class NumberConformal:
    """Give an interval around the answers for a number, by how far known answers were off.

    Example:
        >>> known = NumberConformal.fit([1.0] * 9, truth=[0, 2, 3, 1, 0, 2, 3, 1, 5], folds=[0] * 9)
        >>> [ends.tolist() for ends in known.interval([[10.0]], level=0.8)]
        [[8.0], [12.0]]
    """

    residuals: Array
    """Distance of the answer from the truth, of each known case."""
    folds: NDArray[np.int64]

    @classmethod
    def fit(cls, answers: ArrayLike, *, truth: ArrayLike, folds: ArrayLike) -> Self:
        """Keep what is compared with.

        Args:
            answers: For known cases, by models that did not see them: ``(cases,)``.
            truth: What was found: ``(cases,)``.
            folds: The fold whose test part the case was in: ``(cases,)``.
        """
        residuals = np.abs(np.asarray(answers, np.float64) - np.asarray(truth, np.float64))
        folds = np.asarray(folds, np.int64)
        if residuals.ndim != 1 or residuals.shape != folds.shape:
            raise ValueError(f"answers and folds do not fit: {residuals.shape}, {folds.shape}")
        if not np.isfinite(residuals).all():
            raise ValueError("answers and truth must be finite")
        order = np.lexsort((residuals, folds))
        return cls(residuals[order], folds[order])

    def interval(self, answers: ArrayLike, *, level: float) -> tuple[Array, Array]:
        """Return the ends of each new case's interval; infinite where too few cases are known.

        Shape:
            - ``answers``: ``(folds, cases)``, of each fold's models.
            - Output: two of ``(cases,)``.
        """
        check_level(level)
        values = np.asarray(answers, np.float64)
        if values.ndim != 2:
            raise ValueError(f"answers must be (folds, cases), got {values.shape}")
        _check_folds(self.folds, len(values))
        n_known, n_new = len(self.residuals), values.shape[1]
        # Rounded, so that 0.1 * 20 is 2 and not a little less.
        n_outside = int(np.floor(round((1 - level) * (n_known + 1), 9)))
        low, high = np.full(n_new, -np.inf), np.full(n_new, np.inf)
        if n_outside < 1:
            return low, high
        step = max(1, _NUMBERS_AT_ONCE // n_known)
        for start in range(0, n_new, step):
            part = slice(start, start + step)
            centre = values[self.folds, part]  # (known cases, new cases)
            of_lows = centre - self.residuals[:, None]
            of_highs = centre + self.residuals[:, None]
            place = n_known - n_outside
            low[part] = np.partition(of_lows, n_outside - 1, axis=0)[n_outside - 1]
            high[part] = np.partition(of_highs, place, axis=0)[place]
        return low, high

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {"residuals": self.residuals, "folds": self.folds}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make one of what `to_arrays` returned."""
        return cls(arrays["residuals"], arrays["folds"])


def classes_in_set(p_values: ArrayLike, *, level: float, names: Sequence[str]) -> list[list[str]]:
    """Return the classes of each case's set, in their order; a set may be empty.

    Shape:
        - ``p_values``: ``(cases, classes)``.

    Example:
        >>> classes_in_set([[0.3, 0.05], [0.01, 0.02]], level=0.9, names=["no", "yes"])
        [['no'], []]
    """
    check_level(level)
    values = np.asarray(p_values, np.float64)
    if values.shape[1] != len(names):
        raise ValueError(f"{len(names)} names for {values.shape[1]} classes")
    inside = np.round(values - (1 - level), 9) > 0
    return [[name for name, kept in zip(names, row, strict=True) if kept] for row in inside]


def _check_folds(folds: NDArray[np.int64], n_folds: int) -> None:
    if len(folds) and folds.max() >= n_folds:
        raise ValueError(f"known cases are of {folds.max() + 1} folds, answers of {n_folds}")
