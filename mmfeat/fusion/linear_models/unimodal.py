"""The linear model of each modality alone: the baselines report it, the anchor stands on it."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.cell_dropout import N_COPIES
from mmfeat.fusion.contract import FoldData, check_learnable
from mmfeat.fusion.linear_models.inner_folds import inner_folds
from mmfeat.fusion.linear_models.linear import choose_and_fit
from mmfeat.fusion.linear_models.linear_model import ChosenLinear
from mmfeat.fusion.modality_sets import Members
from mmfeat.tabular.stored_vectors import Vectors, rows_of, side_by_side


@dataclass(frozen=True)
class UnimodalModels:
    """Hold the cases that were learnt from, their division, and one linear model for each modality.

    Shape:
        - ``rows``: ``(learnt,)``, row numbers of the fold's cases: training and validation parts.
        - ``folds``: ``(learnt,)``, the inner fold of each.
        - ``out_of_fold``: ``(learnt, modalities, outputs)``, logits; NaN where the modality is not
          present.
    """

    rows: NDArray[np.int64]
    folds: NDArray[np.int64]
    chosen: tuple[ChosenLinear, ...]
    out_of_fold: NDArray[np.float64]
    joint: dict[Members, ChosenLinear] = field(default_factory=dict)
    """Models of several modalities together, which `joint_linear` fits when a method wants them; in
    here they go wherever the others go."""


_KEPT: WeakKeyDictionary[FoldData, UnimodalModels] = WeakKeyDictionary()
"""Of the folds that are in use; they are gone with their fold."""


def unimodal_models(data: FoldData) -> UnimodalModels:
    """Fit every modality on the cases that have it; kept for the next method on the same fold.

    Records are fitted together with copies of them that lack cells, where cells are to be hidden.

    Raises:
        TrainError: There is nothing to learn from.
    """
    if data not in _KEPT:
        keep_unimodal_models(data, _fit(data))
    return _KEPT[data]


def keep_unimodal_models(data: FoldData, models: UnimodalModels) -> None:
    """Take models that were fitted to a fold, perhaps in another process, for all its methods."""
    _KEPT[data] = models


def _fit(data: FoldData) -> UnimodalModels:
    rows = data.usable(np.union1d(data.train, data.val))
    check_learnable(data, rows)
    labels, present = data.labels[rows], data.present[rows]
    folds = inner_folds([data.patient_ids[row] for row in rows], labels)
    out_of_fold = np.full((len(rows), len(data.modalities), data.n_outputs), np.nan)
    chosen = []
    for position in range(len(data.modalities)):
        has = present[:, position]
        features, of_copy = with_gappy_copies(data, rows[has], (position,))
        of_copy = np.flatnonzero(has)[of_copy]
        one = choose_and_fit(features, labels[of_copy], folds[of_copy], data.task)
        out_of_fold[has, position] = one.out_of_fold[: has.sum()]
        chosen.append(one)
    return UnimodalModels(rows, folds, tuple(chosen), out_of_fold)


def with_gappy_copies(
    data: FoldData, rows: NDArray[np.int64], members: Members
) -> tuple[Vectors, NDArray[np.int64]]:
    """Return the columns of a set of modalities side by side, and after them those of the copies.

    There are copies where cells of a member are to be hidden; in each of them others are.

    Returns:
        Features ``(cases and copies, width)``, and for each of them the position of its case among
        the rows.
    """
    names = [data.modalities[member] for member in members]
    n_times = 1 + N_COPIES if data.cell_dropout.keys() & set(names) else 1
    parts = [
        data.cell_dropout[name].copies(data.features[name][rows])
        if name in data.cell_dropout
        else rows_of(data.features[name], np.tile(rows, n_times))
        for name in names
    ]
    of_copy = np.tile(np.arange(len(rows)), n_times)
    return (parts[0] if len(parts) == 1 else side_by_side(parts)), of_copy
