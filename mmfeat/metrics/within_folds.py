"""AUROC of cross-validated predictions: only cases that the same model scored are compared."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.discrimination import concordance_of
from mmfeat.metrics.ranked_cases import (
    Array,
    RankedCases,
    checked_labels_and_scores,
    checked_weights,
    ratio,
)
from mmfeat.metrics.whole_weights import Weights, compact


def auroc_within_folds(
    labels: ArrayLike, scores: ArrayLike, folds: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the share of pairs of a positive and a negative case of one fold that are in order.

    It is the mean of the folds' AUROCs, each weighted by its number of such pairs; NaN when no fold
    has both classes. Cases of two folds are scored by two models. Compared across them, a model
    that learnt nothing falls below 0.5: where the training part has more positive cases, its
    constant answer is higher, and the test part has fewer (Parker et al., BMC Bioinformatics 2007).

    Example:
        >>> auroc_within_folds([1, 0, 0, 1, 0], [0.1, 0.1, 0.1, 0.2, 0.2], [1, 1, 1, 2, 2])
        0.5
    """
    pairs = PairsWithinFolds(labels, scores, folds)
    return float(pairs.auroc(checked_weights(weights, np.size(labels)))[0])


class PairsWithinFolds:
    """Rank the cases of each fold once, for the AUROC of any number of resamples."""

    def __init__(self, labels: ArrayLike, scores: ArrayLike, folds: ArrayLike) -> None:
        label_values, score_values = checked_labels_and_scores(labels, scores)
        fold_values = np.asarray(folds)
        if fold_values.shape != label_values.shape:
            raise ValueError(f"expected {len(label_values)} folds, got shape {fold_values.shape}")
        rows_of_folds = [np.flatnonzero(fold_values == fold) for fold in np.unique(fold_values)]
        ranked = [RankedCases(label_values[rows], score_values[rows]) for rows in rows_of_folds]
        self._folds = [
            (rows[of_fold.order], of_fold)
            for rows, of_fold in zip(rows_of_folds, ranked, strict=True)
        ]

    def auroc(self, weights: Weights) -> Array:
        """Return the AUROC of each resample: ``(resamples,)``."""
        small = compact(weights)
        concordant, pairs = np.zeros((2, len(weights)))
        for rows_in_order, ranked in self._folds:
            ordered = np.take(small, rows_in_order, axis=1)
            of_fold = concordance_of(ranked.cumulate_ordered(ordered))
            concordant, pairs = concordant + of_fold[0], pairs + of_fold[1]
        return ratio(concordant, pairs)
