"""All that a run says of one target: of each case as it is, with less of it, and how surely."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.views import every_view
from mmfeat.stages.predicting.comparisons import Coverage
from mmfeat.stages.predicting.ready_cases import ReadyCases
from mmfeat.stages.predicting.references import References
from mmfeat.stages.predicting.run_model import RunModel
from mmfeat.stages.predicting.shapley import MOST_PLAYERS, shapley_values

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TargetAnswers:
    """Hold the answers for one target, over the last axis of its outputs.

    Shape:
        - ``answers``, ``spread``: ``(cases, outputs)``; the mean over the folds, recalibrated, and
          the deviation over all heads.
        - ``by_fold``: ``(folds, cases, outputs)``, as heads say, not recalibrated.
        - ``through``: for each availability ``(cases, outputs)``; NaN of cases that lack some.
        - ``contributions``: for each modality ``(cases, outputs)``; NaN of cases that lack it. With
          ``base_rates`` they sum to the answer.
        - ``base_rates``: ``(outputs,)``.
        - ``compared_with``: ``(cases,)``; what cases stand behind the set or interval.
    """

    target: str
    kind: str
    outputs: tuple[str, ...]
    answers: Array
    spread: Array
    by_fold: Array
    through: dict[str, Array]
    contributions: dict[str, Array]
    base_rates: Array
    coverage: Coverage
    compared_with: NDArray[np.object_]
    recalibrated: str | None = None
    """How each fold's answers were recalibrated; None where they are as heads say."""

    def among(self, rows: NDArray[np.int64], n_cases: int) -> "TargetAnswers":
        """Return these cases as some rows among others that have no answer."""

        def spread(values: Array) -> Array:
            whole = np.full((n_cases, values.shape[1]), np.nan)
            whole[rows] = values
            return whole

        by_fold = np.full((len(self.by_fold), n_cases, len(self.outputs)), np.nan)
        by_fold[:, rows] = self.by_fold
        compared_with = np.full(n_cases, None, dtype=object)
        compared_with[rows] = self.compared_with
        return replace(
            self,
            answers=spread(self.answers),
            spread=spread(self.spread),
            by_fold=by_fold,
            through={name: spread(one) for name, one in self.through.items()},
            contributions={name: spread(one) for name, one in self.contributions.items()},
            coverage=self.coverage.among(rows, n_cases),
            compared_with=compared_with,
        )


def target_answers(
    model: RunModel, references: References, cases: ReadyCases, target: str, *, level: float
) -> TargetAnswers:
    """Ask all heads for one target, once for each set of modalities.

    Args:
        model: The run.
        references: What answers are compared with.
        cases: Each with one modality or more.
        target: The target.
        level: Of the sets and intervals.
    """
    present = cases.present
    outputs = model.outputs(target)
    shape = (len(cases), len(outputs))
    answers, spread = np.full(shape, np.nan), np.full(shape, np.nan)
    by_fold = np.full((model.n_folds, *shape), np.nan)
    through = {}
    recalibrated = None
    for name, view, complete in _views(model.modalities, present):
        # Heads answer all cases at once; of those that lack some of the view it is not looked at.
        found = model.answers(cases, np.where(complete[:, None], view, present), target)
        through[name] = np.where(complete[:, None], found.mean, np.nan)
        recalibrated = found.recalibrated
        exactly = (present == view).all(axis=1)
        answers[exactly], spread[exactly] = found.mean[exactly], found.sd[exactly]
        raw = np.stack([heads.mean(axis=0) for heads in found.by_head])
        by_fold[:, exactly] = raw[:, exactly]
    base = references.base_rates.get((target, model.method), np.full(len(outputs), np.nan))
    coverage, compared_with = _coverage(model, references, target, by_fold, present, level=level)
    return TargetAnswers(
        target,
        model.kinds[target],
        outputs,
        answers,
        spread,
        by_fold,
        through,
        _contributions(model.modalities, present, through, base),
        base,
        coverage,
        compared_with,
        recalibrated,
    )


def availability_of(modalities: tuple[str, ...], seen: NDArray[np.bool_]) -> str:
    """Return the names of the modalities that are seen, joined by +."""
    return "+".join(name for name, is_seen in zip(modalities, seen, strict=True) if is_seen)


def _views(
    modalities: tuple[str, ...], present: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Give each set of modalities that a case has whole, and which cases have."""
    if len(modalities) <= MOST_PLAYERS:
        views = every_view(len(modalities))
    else:
        views = np.unique(present, axis=0)
    for view in views:
        complete = np.asarray(present[:, view].all(axis=1))
        if complete.any():
            yield availability_of(modalities, view), view, complete


def _contributions(
    modalities: tuple[str, ...],
    present: NDArray[np.bool_],
    through: dict[str, Array],
    base: Array,
) -> dict[str, Array]:
    """Divide each answer, less the base rate, among the modalities that the case has."""
    shape = (len(present), len(base))
    found = {name: np.full(shape, np.nan) for name in modalities}
    if len(modalities) > MOST_PLAYERS:
        return found
    for pattern in np.unique(present, axis=0):
        rows = (present == pattern).all(axis=1)
        players = [name for name, has in zip(modalities, pattern, strict=True) if has]
        worth = np.empty((2 ** len(players), rows.sum(), len(base)))
        worth[0] = base
        for members in range(1, len(worth)):
            name = "+".join(p for bit, p in enumerate(players) if members >> bit & 1)
            worth[members] = through[name][rows]
        for player, part in zip(players, shapley_values(worth), strict=True):
            found[player][rows] = part
    return found


def _coverage(
    model: RunModel,
    references: References,
    target: str,
    by_fold: Array,
    present: NDArray[np.bool_],
    *,
    level: float,
) -> tuple[Coverage, NDArray[np.object_]]:
    _, n_cases, n_outputs = by_fold.shape
    whole = Coverage.empty(n_cases, n_outputs)
    compared_with = np.full(n_cases, None, dtype=object)
    for pattern in np.unique(present, axis=0):
        rows = np.flatnonzero((present == pattern).all(axis=1))
        name = availability_of(model.modalities, pattern)
        comparison = references.comparison(target, model.method, name)
        if comparison is None:
            continue
        whole.put(rows, comparison.cover(by_fold[:, rows], level=level))
        compared_with[rows] = comparison.regime
    return whole, compared_with
