"""Divide patients into folds with three disjoint parts: train, val and test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import NDArray

from mmfeat.errors import CohortError
from mmfeat.manifest.cohort import Fold, TargetValues

Parts = NDArray[np.str_]
"""Part of each case in one fold, `train`, `val` or `test`: ``(cases,)``."""


@dataclass(frozen=True)
class SplitRule:
    """Say how to divide."""

    folds: int
    val_share: float
    seed: int
    stratify_by: str | None
    """Name of the target, for messages; None: no stratification."""
    by_site: bool


def make_folds(
    patient_ids: Sequence[str],
    rule: SplitRule,
    *,
    target: TargetValues | None = None,
    sites: Sequence[str] | None = None,
) -> list[Fold]:
    """Divide the cases by patients; the same ones and seed give the same folds in any row order.

    Each patient is in the test part of exactly one fold. The val part is drawn from the patients
    outside the test part. With a target, its classes are spread evenly over all parts; a patient
    counts by the highest label among the cases, and those without a label are spread likewise.

    Args:
        patient_ids: Patient of each case: ``(cases,)``.
        rule: How to divide.
        target: Binary or multiclass target that is stratified by.
        sites: Site of each case, kept whole in one test part; sites that share a patient are one.

    Raises:
        CohortError: There are too few patients, sites or patients of a class.
    """
    patients, rows = np.unique(np.asarray(patient_ids, dtype=str), return_inverse=True)
    labels = _patient_labels(len(patients), rows, target)
    strata = _merge_rare(labels, rule.folds)
    if len(patients) < max(rule.folds, 3):
        raise CohortError(
            f"{len(patients)} patients are too few for {rule.folds} folds; "
            "lower `cohort.split.folds` or add patients"
        )
    folds = []
    for number, test in enumerate(_test_parts(rule, strata, rows, sites)):
        rest = np.setdiff1d(np.arange(len(patients)), test)
        generator = np.random.default_rng([rule.seed, number])
        val = _draw(rest, labels, rule.val_share, generator)
        parts = np.full(len(patients), "train", dtype="<U5")
        parts[val], parts[test] = "val", "test"
        _check_parts(number, parts, rule)
        if target is not None:
            _check_labels(number, parts, labels, rule=rule, target=target)
        folds.append(fold_of(parts[rows]))
    return folds


def fold_of(parts: Parts) -> Fold:
    """Return the fold in which each case is in the given part."""
    train, val, test = (np.flatnonzero(parts == part) for part in ("train", "val", "test"))
    return Fold(train=train, val=val, test=test)


def parts_of(fold: Fold) -> Parts:
    """Return the part of each case in a fold."""
    parts = np.full(len(fold.train) + len(fold.val) + len(fold.test), "train", dtype="<U5")
    parts[fold.val], parts[fold.test] = "val", "test"
    return parts


def _patient_labels(
    n_patients: int, rows: NDArray[np.intp], target: TargetValues | None
) -> NDArray[np.int64]:
    """Return the highest label of each patient, -1 where none is known: ``(patients,)``."""
    labels = np.full(n_patients, -1, dtype=np.int64)
    if target is not None:
        values = target.values[:, 0]
        known = ~np.isnan(values)
        np.maximum.at(labels, rows[known], values[known].astype(np.int64))
    return labels


def _merge_rare(labels: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    """Join strata of fewer patients than folds: with each other, or else with the largest one."""
    names, counts = np.unique(labels, return_counts=True)
    rare = np.isin(labels, names[counts < folds])
    joined = names.max() + 1 if rare.sum() >= folds else names[counts.argmax()]
    return np.where(rare, joined, labels)


def _test_parts(
    rule: SplitRule,
    strata: NDArray[np.int64],
    rows: NDArray[np.intp],
    sites: Sequence[str] | None,
) -> list[NDArray[np.int64]]:
    """Return the patients of each fold's test part."""
    blank = np.zeros(len(strata))
    if sites is None:
        from sklearn.model_selection import StratifiedKFold  # slow, and needed for new splits only

        splitter = StratifiedKFold(rule.folds, shuffle=True, random_state=rule.seed)
        return [test for _, test in splitter.split(blank, strata)]
    groups = _site_groups(len(strata), rows, sites)
    if (n_groups := len(np.unique(groups))) < rule.folds:
        raise CohortError(
            f"{n_groups} sites without common patients are too few for {rule.folds} folds with "
            "whole sites; lower `cohort.split.folds`, or set cohort.split.by_site=false"
        )
    from sklearn.model_selection import StratifiedGroupKFold  # as above

    by_site = StratifiedGroupKFold(rule.folds, shuffle=True, random_state=rule.seed)
    return [test for _, test in by_site.split(blank, strata, groups)]


def _site_groups(
    n_patients: int, rows: NDArray[np.intp], sites: Sequence[str]
) -> NDArray[np.int64]:
    """Number each patient's group of sites; sites that share a patient are in one group."""
    _, site_rows = np.unique(np.asarray(sites, dtype=str), return_inverse=True)
    n_nodes = n_patients + site_rows.max() + 1
    visits = (np.ones(len(rows)), (rows, n_patients + site_rows))
    _, groups = scipy.sparse.csgraph.connected_components(
        scipy.sparse.coo_array(visits, shape=(n_nodes, n_nodes)), directed=False
    )
    return np.asarray(groups[:n_patients], dtype=np.int64)


def _draw(
    patients: NDArray[np.int64],
    labels: NDArray[np.int64],
    share: float,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw a share of the patients of each label: of two or more at least one, and never all."""
    drawn = []
    for label in np.unique(labels[patients]):
        members = generator.permutation(patients[labels[patients] == label])
        most = len(members) - 1
        drawn.append(members[: min(max(round(share * len(members)), 1), most)])
    return np.concatenate(drawn)


def _check_parts(number: int, parts: Parts, rule: SplitRule) -> None:
    for part in ("train", "val", "test"):
        if part not in parts:
            raise CohortError(
                f"fold {number} would have no {part} part: {len(parts)} patients are too few for "
                f"{rule.folds} folds; lower `cohort.split.folds` or add patients"
            )


def _check_labels(
    number: int,
    parts: Parts,
    labels: NDArray[np.int64],
    *,
    rule: SplitRule,
    target: TargetValues,
) -> None:
    """Refuse a part in which there is nothing to tell apart; a whole site may be of one class."""
    names = ("not " + target.names[0], *target.names) if target.kind == "binary" else target.names
    for part in ("train", "val") if rule.by_site else ("train", "val", "test"):
        found = np.unique(labels[(parts == part) & (labels >= 0)])
        if len(found) < 2:
            counts = ", ".join(
                f"{(labels == index).sum()} with `{name}`" for index, name in enumerate(names)
            )
            raise CohortError(
                f"target `{rule.stratify_by}`: fold {number} would have a {part} part with fewer "
                f"than two classes, as there are too few patients ({counts}); lower "
                "`cohort.split.folds`, or stratify by another target (`cohort.split.stratify_by`)"
            )
