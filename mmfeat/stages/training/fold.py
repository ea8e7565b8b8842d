"""What one fold is trained on, and digests by which a change of it is noticed."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.task import Task
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS


def fold_data(
    cohort: Cohort,
    table: FeatureTable,
    *,
    fold: Fold,
    features: FittedFeatures,
    target: str,
    cell_dropout: float,
) -> FoldData:
    """Return the arrays that methods are trained on; rows of the test part are there but not read.

    Args:
        cohort: The cohort.
        table: The features of all cases.
        fold: The fold.
        features: Features as fitted to the fold's training part.
        target: Name of the target.
        cell_dropout: Largest share of a record's cells that is hidden in training; 0 hides nothing.

    Raises:
        TrainError: The target is of a kind that no method trains on.
    """
    labels = cohort.targets[target]
    if labels.kind == "regression" or labels.kind == "time_to_event":
        raise TrainError(f"`{target}` is a {labels.kind} target; no method trains on these yet")
    usable = np.flatnonzero(table.usable)
    return FoldData(
        features=features.transform(table),
        present=table.present,
        labels=labels.values,
        task=Task.single(labels.kind, 1 if labels.kind == "binary" else len(labels.names)),
        patient_ids=cohort.patient_ids,
        train=np.intersect1d(fold.train, usable),
        val=np.intersect1d(fold.val, usable),
        cell_dropout=_cell_dropout(features, cell_dropout),
    )


def _cell_dropout(features: FittedFeatures, largest_share: float) -> dict[str, CellDropout]:
    """Say how cells are hidden of each modality of records that has several columns."""
    if not largest_share:
        return {}
    return {
        name: CellDropout(encoder.column_of, encoder.when_unknown, largest_share)
        for name, encoder in features.records.items()
        if len(encoder.columns) >= FEWEST_COLUMNS
    }


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
        digest.update(name.encode() + _bytes(values[rows]))
    digest.update(_bytes(data.present[rows]))
    for name, dropout in data.cell_dropout.items():
        digest.update(name.encode() + dropout.column_of.tobytes() + dropout.when_unknown.tobytes())
    return digest.hexdigest()


def digest_of_labels(data: FoldData) -> str:
    """Return a digest of the labels that are learnt from."""
    labels = data.labels[np.union1d(data.train, data.val)]
    return hashlib.sha256(_bytes(np.nan_to_num(labels, nan=-1.0))).hexdigest()


def _bytes(values: NDArray[np.float32] | NDArray[np.float64] | NDArray[np.bool_]) -> bytes:
    return np.ascontiguousarray(values).tobytes()
