"""Warn of columns that may give the answer away, before anything is trained on them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.manifest.cohort import Cohort, Fold, TargetValues
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.guessed_inputs import names_scanner
from mmfeat.manifest.guessed_targets import sounds_like_outcome
from mmfeat.metrics.discrimination import auroc
from mmfeat.tabular import RecordColumn, RecordTable

GIVES_AWAY = 0.95
"""AUROC of one column alone from which on it is reported."""
ORIGIN_TELLS = 0.65
"""The same of the site or the scanner, which should tell nothing at all."""
_FEWEST = 10
"""Cases of either answer below which nothing is said."""
_FOLDS = 5
_CERTAIN = 0.001


@dataclass(frozen=True)
class _Answer:
    """One yes or no that is to be predicted."""

    name: str
    rows: NDArray[np.intp]
    """Cases that are looked at: those outside the test part whose answer is known."""
    positive: NDArray[np.bool_]


def leak_notes(
    cohort: Cohort, folds: Sequence[Fold], records: Mapping[str, RecordTable]
) -> tuple[str, ...]:
    """Look at each column of the records alone, and at where scans come from.

    Only cases outside the test part of the first fold are looked at. Categories are scored by the
    share of their cases that have the answer, each case by a share that it did not go into.

    Args:
        cohort: The cohort.
        folds: Its folds, of which the first counts.
        records: The records of each table modality.

    Returns:
        A sentence for each column that tells the answer almost alone, has a name that sounds like
        an outcome, or has dates after the index date; and for a site or a scanner that tells it.
    """
    seen = folds[0].outside_test
    answers = [
        answer for name, target in cohort.targets.items() for answer in _answers(name, target, seen)
    ]
    notes: list[str] = []
    for modality, table in records.items():
        for name, column in table.columns.items():
            place = f"`modalities.{modality}.columns.{name}`"
            notes += _notes_on_column(place, name, column, cohort=cohort, answers=answers)
    for origin, column in _origins(cohort).items():
        notes += _notes_on_origin(origin, column, answers)
    return tuple(notes)


def _answers(name: str, target: TargetValues, seen: NDArray[np.intp]) -> Iterator[_Answer]:
    if target.kind in ("regression", "time_to_event"):
        return
    values = target.values[seen]
    for number, output in enumerate(target.names):
        known = ~np.isnan(values[:, 0 if target.kind == "multiclass" else number])
        positive = (
            (values[:, 0] == number) if target.kind == "multiclass" else values[:, number] > 0
        )
        rows, positive = seen[known], positive[known]
        if min(positive.sum(), (~positive).sum()) >= _FEWEST:
            full = name if target.kind == "binary" else f"{name}={output}"
            yield _Answer(full, rows, positive)


def _notes_on_column(
    place: str, name: str, column: RecordColumn, *, cohort: Cohort, answers: Sequence[_Answer]
) -> Iterator[str]:
    if sounds_like_outcome(ColumnProfile.of(cohort.frame, name)):
        yield f"{place}: sounds like an outcome, known only afterwards; take it out if it is one"
    if column.kind == "date_difference" and (n_later := int((column.values < 0).sum())):
        yield (
            f"{place}: {n_later} dates are after the day they are counted to, and were not known "
            "on it; leave such cells empty"
        )
    for answer in answers:
        found = _column_auroc(column, answer)
        if found is not None and found >= GIVES_AWAY:
            yield (
                f"{place}: tells `{answer.name}` almost alone (AUROC {found:.3f} in training and "
                "validation); is it known only afterwards? then take it out"
            )
        known = column.known[answer.rows]
        if _is_mixed(known) and (gap := _either_way(answer.positive, known)) >= GIVES_AWAY:
            yield (
                f"{place}: whether it is known tells `{answer.name}` almost alone (AUROC "
                f"{gap:.3f}); is it asked only of those who have the answer? then take it out"
            )


def _notes_on_origin(
    origin: str, column: RecordColumn, answers: Sequence[_Answer]
) -> Iterator[str]:
    from scipy.stats import mannwhitneyu

    for answer in answers:
        scores = _category_scores(column, answer)
        if scores is None:
            continue
        found = auroc(answer.positive, scores)
        p = mannwhitneyu(
            scores[answer.positive], scores[~answer.positive], alternative="greater"
        ).pvalue
        if found >= ORIGIN_TELLS and p < _CERTAIN:
            yield (
                f"{origin} tells `{answer.name}` (AUROC {found:.3f}): a model may learn where a "
                "scan was made; look at results by site, or split by site"
            )


def _column_auroc(column: RecordColumn, answer: _Answer) -> float | None:
    """Return the AUROC of a column's known cells, whichever way round; None where too few."""
    known = column.known[answer.rows]
    chosen = _Answer(answer.name, answer.rows[known], answer.positive[known])
    if min(chosen.positive.sum(), (~chosen.positive).sum()) < _FEWEST:
        return None
    if column.kind == "categorical":
        scores = _category_scores(column, chosen)
        return None if scores is None else auroc(chosen.positive, scores)
    if column.kind == "codes":
        return _best_part(column.values[chosen.rows], chosen.positive)
    if column.kind == "text":
        words = [set(text.casefold().split()) for text in column.values[chosen.rows]]
        return _best_part(words, chosen.positive)
    return _either_way(chosen.positive, column.values[chosen.rows])


def _best_part(cells: Iterable[Collection[str]], positive: NDArray[np.bool_]) -> float | None:
    """Return the AUROC of the one code or word whose being there tells most; None where none is."""
    rows: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        for part in cell:
            rows.setdefault(part, []).append(row)
    found = []
    for part in sorted(rows):
        has = np.zeros(len(positive), dtype=bool)
        has[rows[part]] = True
        found.append(_either_way(positive, has))
    return max(found, default=None)


def _either_way(positive: NDArray[np.bool_], scores: NDArray[np.generic]) -> float:
    found = auroc(positive, scores.astype(np.float64))
    return max(found, 1 - found)


def _category_scores(column: RecordColumn, answer: _Answer) -> NDArray[np.float64] | None:
    """Return for each case the share of positive cases in its category; None where there is one."""
    from sklearn.model_selection import StratifiedKFold

    texts = ["" if value is None else str(value) for value in column.values[answer.rows]]
    categories, places = np.unique(texts, return_inverse=True)
    if len(categories) < 2:
        return None
    scores = np.empty(len(places))
    parts = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for others, part in parts.split(places, answer.positive):
        n_cases = np.bincount(places[others], minlength=len(categories))
        n_positive = np.bincount(places[others][answer.positive[others]], minlength=len(n_cases))
        prior = answer.positive[others].mean()
        scores[part] = ((n_positive + prior) / (n_cases + 1))[places[part]]
    return scores


def _origins(cohort: Cohort) -> Mapping[str, RecordColumn]:
    """Return the columns that say where a scan was made."""
    found = {}
    if cohort.sites is not None:
        found["the site"] = RecordColumn("categorical", np.array(cohort.sites, dtype=object))
    for name in map(str, cohort.frame.columns):
        if names_scanner(name):
            cells = cohort.frame[name].fillna("").to_numpy(dtype=object)
            found[f"the column `{name}`"] = RecordColumn("categorical", cells)
    return found


def _is_mixed(flags: NDArray[np.bool_]) -> bool:
    return bool(flags.any() and not flags.all())
