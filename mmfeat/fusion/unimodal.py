"""The linear model of each modality alone: the baselines report it, the anchor stands on it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.cell_dropout import N_COPIES
from mmfeat.fusion.contract import FoldData, check_learnable
from mmfeat.fusion.inner_folds import inner_folds
from mmfeat.fusion.linear import ChosenLinear, choose_and_fit


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


@lru_cache(maxsize=1)
def unimodal_models(data: FoldData) -> UnimodalModels:
    """Fit every modality on the cases that have it; kept for the next method on the same fold.

    Records are fitted together with copies of them that lack cells, where cells are to be hidden.

    Raises:
        TrainError: There is nothing to learn from.
    """
    rows = data.usable(np.union1d(data.train, data.val))
    check_learnable(data, rows)
    labels, present = data.labels[rows], data.present[rows]
    folds = inner_folds([data.patient_ids[row] for row in rows], labels)
    out_of_fold = np.full((len(rows), len(data.modalities), data.n_outputs), np.nan)
    chosen = []
    for position, modality in enumerate(data.modalities):
        has = present[:, position]
        features, of_copy = data.features[modality][rows[has]], np.flatnonzero(has)
        if modality in data.cell_dropout:
            features = data.cell_dropout[modality].copies(features)
            of_copy = np.tile(of_copy, 1 + N_COPIES)
        one = choose_and_fit(
            features, labels[of_copy], folds[of_copy], data.kind, n_outputs=data.n_outputs
        )
        out_of_fold[has, position] = one.out_of_fold[: has.sum()]
        chosen.append(one)
    return UnimodalModels(rows, folds, tuple(chosen), out_of_fold)
