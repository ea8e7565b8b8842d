"""What a new case's answers are compared with to say which truths are to be expected.

It is compared with the answers that cases of the run's test parts got when they were seen through
the same modalities.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.calibration.conformal import ClassConformal, NumberConformal, classes_in_set

if TYPE_CHECKING:  # it brings the figures with it
    from mmfeat.report import ScoredCases, View

Array = NDArray[np.float64]
Part = ClassConformal | NumberConformal

FEWEST_NATURAL = 50
"""Cases of each class that are needed to compare with naturally missing modalities only."""
NO, YES = "no", "yes"
EMPTY_SET = "(empty)"
"""How a set without any class is written; the case is like none of those known."""


@dataclass(frozen=True)
class Coverage:
    """Say which truths are to be expected of some cases.

    Shape:
        - All ``(cases, outputs)``. ``p_true``: of the output being true, ``p_false`` of it being
          false; NaN where that is no question, as of numbers. ``low``, ``high``: of a number.
        - ``sets``: the truths in the set, one after the other with ``;`` between; of classes the
          same for each; None of what has no set.
    """

    p_true: Array
    p_false: Array
    low: Array
    high: Array
    sets: NDArray[np.object_]

    @classmethod
    def empty(cls, n_cases: int, n_outputs: int) -> "Coverage":
        """Return what says nothing yet."""
        shape = (n_cases, n_outputs)
        p_true, p_false, low, high = np.full((4, *shape), np.nan)
        return cls(p_true, p_false, low, high, sets=np.full(shape, None, dtype=object))

    def among(self, rows: NDArray[np.int64], n_cases: int) -> "Coverage":
        """Return these cases as some rows among others, of which nothing is said."""
        whole = Coverage.empty(n_cases, self.p_true.shape[1])
        whole.put(rows, self)
        return whole

    def put(self, rows: NDArray[np.int64], part: "Coverage") -> None:
        """Take over what is said of some rows."""
        self.p_true[rows], self.p_false[rows] = part.p_true, part.p_false
        self.low[rows], self.high[rows] = part.low, part.high
        self.sets[rows] = part.sets


@dataclass(frozen=True)
class Comparison:
    """Hold the known answers for one target and method through one set of modalities."""

    outputs: tuple[str, ...]
    parts: tuple[Part, ...]
    """One for all classes or for a number; or else one for each output that is true or not."""
    regime: str
    """natural: cases that have these modalities and no others. simulated: all that have them."""

    @classmethod
    def of(cls, views: "Mapping[View, ScoredCases]", view: "View") -> "Comparison | None":
        """Return what new cases of a view are compared with; None where nothing is known.

        Whether a modality is missing may hang on the patient, so cases that lack the same ones come
        first. Where they are few, all that have the modalities of the view stand for them.

        Args:
            views: Predictions of test parts, by models that did not see them.
            view: Its regime does not count.
        """
        natural = views.get(view._replace(regime="natural"))
        if natural is not None:
            comparison = cls(natural.outputs, tuple(_parts(natural)), "natural")
            if comparison.fewest >= FEWEST_NATURAL:
                return comparison
        simulated = views.get(view._replace(regime="simulated"))
        if simulated is None:
            return None
        return cls(simulated.outputs, tuple(_parts(simulated)), "simulated")

    @property
    def fewest(self) -> int:
        """Return how many cases are known, of the class of fewest."""
        counts = [
            min(part.n_cases) if isinstance(part, ClassConformal) else len(part.residuals)
            for part in self.parts
        ]
        return min(counts)

    def cover(self, by_fold: Array, *, level: float) -> Coverage:
        """Return the set or interval of each case.

        Shape:
            - ``by_fold``: ``(folds, cases, outputs)``, as heads say, not recalibrated.
        """
        _, n_cases, n_outputs = by_fold.shape
        found = Coverage.empty(n_cases, n_outputs)
        if isinstance(self.parts[0], NumberConformal):
            found.low[:, 0], found.high[:, 0] = self.parts[0].interval(
                by_fold[:, :, 0], level=level
            )
            return found
        if len(self.parts[0].support) > 2 or self._are_classes:
            found.p_true[:] = self.parts[0].p_values(by_fold)
            sets = _texts(found.p_true, level, self.outputs)
            found.sets[:] = sets[:, None]
            return found
        for number, part in enumerate(self.parts):
            if isinstance(part, ClassConformal):
                p_values = part.p_values(_two_sided(by_fold[:, :, number]))
                found.p_false[:, number], found.p_true[:, number] = p_values.T
                found.sets[:, number] = _texts(p_values, level, (NO, YES))
        return found

    @property
    def _are_classes(self) -> bool:
        return len(self.parts) == 1 and len(self.outputs) > 1

    def to_arrays(self) -> Iterator[dict[str, NDArray[Any]]]:
        """Give the arrays of each part."""
        for part in self.parts:
            yield part.to_arrays()

    def to_json(self) -> dict[str, Any]:
        """Return all but the arrays as plain values."""
        is_number = isinstance(self.parts[0], NumberConformal)
        n_classes = [len(p.support) if isinstance(p, ClassConformal) else 0 for p in self.parts]
        return {
            "outputs": list(self.outputs),
            "regime": self.regime,
            "fewest": self.fewest,
            "parts": "number" if is_number else n_classes,
        }

    @classmethod
    def from_arrays(
        cls, known: Mapping[str, Any], arrays: Sequence[Mapping[str, NDArray[Any]]]
    ) -> "Comparison":
        """Make one of what `to_json` and `to_arrays` returned."""
        parts: list[Part] = []
        if known["parts"] == "number":
            parts = [NumberConformal.from_arrays(arrays[0])]
        else:
            for own, n_classes in zip(arrays, known["parts"], strict=True):
                parts.append(ClassConformal.from_arrays(own, n_classes=n_classes))
        return cls(tuple(known["outputs"]), tuple(parts), str(known["regime"]))


def _parts(cases: "ScoredCases") -> Iterator[Part]:
    if cases.kind == "regression":
        known = np.flatnonzero(~np.isnan(cases.labels[:, 0]))
        yield NumberConformal.fit(
            cases.probabilities[known, 0], truth=cases.labels[known, 0], folds=cases.folds[known]
        )
    elif cases.kind == "multiclass":
        known = np.flatnonzero(~np.isnan(cases.labels).any(axis=1))
        yield ClassConformal.fit(
            cases.probabilities[known],
            classes=cases.labels[known].argmax(axis=1),
            folds=cases.folds[known],
        )
    else:
        for number in range(len(cases.yes_or_no)):
            known = np.flatnonzero(~np.isnan(cases.labels[:, number]))
            yield ClassConformal.fit(
                _two_sided(cases.probabilities[known, number]),
                classes=cases.labels[known, number].astype(np.int64),
                folds=cases.folds[known],
            )


def _two_sided(probabilities: Array) -> Array:
    """Return the probabilities of no and yes on a new last axis."""
    return np.stack([1.0 - probabilities, probabilities], axis=-1)


def _texts(p_values: Array, level: float, names: Sequence[str]) -> NDArray[np.object_]:
    inside = classes_in_set(p_values, level=level, names=names)
    return np.array([";".join(one) or EMPTY_SET for one in inside], dtype=object)
