"""What one fold is trained on, and digests by which a change of it is noticed."""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.fusion.cell_dropout import cell_dropouts
from mmfeat.fusion.contract import FoldData
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.stages.training.outcomes import fold_outcomes, joint_task
from mmfeat.tabular.stored_vectors import blocks_of


def fold_data(
    cohort: Cohort,
    table: FeatureTable,
    *,
    fold: Fold,
    features: FittedFeatures,
    target: str,
    cell_dropout: float,
    weights: Mapping[str, float] | None = None,
    reads_sets: bool = False,
) -> FoldData:
    """Return the arrays that methods are trained on; rows of the test part are there but not read.

    Args:
        cohort: The cohort.
        table: The features of all cases.
        fold: The fold.
        features: Features as fitted to the fold's training part.
        target: Name of the target, or of several that are learnt together.
        cell_dropout: Largest share of a record's cells that is hidden in training; 0 hides nothing.
        weights: How much each of several targets counts.
        reads_sets: Give the sets of scans or tokens, too, where modalities have them.

    Raises:
        TrainError: The training part has no event of a time to an event.
    """
    outcomes = fold_outcomes(cohort, fold, weights or {target: 1.0})
    usable = np.flatnonzero(table.usable)
    return FoldData(
        features=features.transform(table),
        present=table.present,
        labels=np.hstack(
            [one.labels(cohort.targets[name].values) for name, one in outcomes.items()]
        ),
        task=joint_task(outcomes, weights or {target: 1.0}),
        patient_ids=cohort.patient_ids,
        train=np.intersect1d(fold.train, usable),
        val=np.intersect1d(fold.val, usable),
        cell_dropout=cell_dropouts(features, cell_dropout),
        sets=features.transform_sets(table) if reads_sets else {},
        records=frozenset(features.records),
    )


def check_patients_apart(cohort: Cohort, fold: Fold, number: int) -> None:
    """Raise TrainError when a patient is on both sides of a fold."""
    learnt = {cohort.patient_ids[row] for row in np.union1d(fold.train, fold.val)}
    both = sorted(learnt & {cohort.patient_ids[row] for row in fold.test})
    if both:
        raise TrainError(
            f"fold {number}: {len(both)} patients are both in the test part and outside it, the "
            f"first is `{both[0]}`; correct the splits, each patient belongs in one part"
        )


def digest_of_split(cohort: Cohort, fold: Fold) -> str:
    """Return a digest of which case is in which part."""
    digest = hashlib.sha256()
    for rows in (fold.train, fold.val, fold.test):
        digest.update("\n".join(cohort.case_ids[row] for row in rows).encode() + b"\0")
    return digest.hexdigest()


def digest_of_features(data: FoldData) -> str:
    """Return a digest of everything that is learnt from but the labels."""
    rows = np.union1d(data.train, data.val)
    digest = hashlib.sha256()
    for name, values in data.features.items():
        digest.update(name.encode())
        for block in blocks_of(len(rows)):
            digest.update(_bytes(values[rows[block]]))
    digest.update(_bytes(data.present[rows]))
    for name, dropout in data.cell_dropout.items():
        digest.update(name.encode() + dropout.column_of.tobytes() + dropout.when_unknown.tobytes())
    return digest.hexdigest()


def digest_of_sets(data: FoldData) -> str:
    """Return a digest of the sets of scans or tokens that are learnt from."""
    rows = np.union1d(data.train, data.val)
    digest = hashlib.sha256()
    for name, scans in data.sets.items():
        learnt = scans.of_cases(rows)
        digest.update(name.encode() + learnt.offsets.tobytes() + _bytes(learnt.vectors))
    return digest.hexdigest()


def digest_of_labels(data: FoldData) -> str:
    """Return a digest of the labels that are learnt from."""
    labels = data.labels[np.union1d(data.train, data.val)]
    known = ~np.isnan(labels)
    digest = hashlib.sha256(_bytes(np.where(known, labels, -1.0)))
    if data.task.has_numbers:  # of which -1 may be one
        digest.update(_bytes(known))
    return digest.hexdigest()


def _bytes(values: NDArray[np.float32] | NDArray[np.float64] | NDArray[np.bool_]) -> bytes:
    return np.ascontiguousarray(values).tobytes()
