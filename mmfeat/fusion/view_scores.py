"""How well the validation part is predicted through the views: what early stopping watches."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.contract import Kind
from mmfeat.fusion.probabilities import log_losses, to_probabilities
from mmfeat.metrics.discrimination import auroc


def mean_auroc_of_views(
    logits: NDArray[np.float64],
    labels: NDArray[np.float64],
    view: NDArray[np.int64],
    kind: Kind,
) -> float:
    """Return the mean AUROC of the views, each averaged over its outputs.

    Views and outputs whose cases show one class only have no AUROC and are left out. Where nothing
    is left, the negative log loss answers instead; it too is higher for better predictions.

    Shape:
        - ``logits``: ``(pairs, outputs)``; ``labels``: ``(pairs, columns)``, NaN where missing;
          ``view``: ``(pairs,)``, the number of each pair's view.
    """
    scores = [
        score
        for number in np.unique(view)
        if not np.isnan(score := _macro_auroc(logits[view == number], labels[view == number], kind))
    ]
    if scores:
        return float(np.mean(scores))
    return -float(np.nanmean(log_losses(logits, labels, kind)))


def _macro_auroc(logits: NDArray[np.float64], labels: NDArray[np.float64], kind: Kind) -> float:
    columns = labels
    scores = logits
    if kind == "multiclass":
        scores = to_probabilities(logits, kind)
        columns = np.where(np.isnan(labels), np.nan, labels == np.arange(logits.shape[1]))
    areas = []
    for column, of_output in zip(columns.T, scores.T, strict=True):
        known = ~np.isnan(column)
        if len(np.unique(column[known])) == 2:
            areas.append(auroc(column[known], of_output[known]))
    return float(np.mean(areas)) if areas else float("nan")
