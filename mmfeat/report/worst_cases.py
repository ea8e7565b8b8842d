"""The cases whose predictions are furthest from what happened: where to look first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics.proper_scores import (
    multiclass_negative_log_likelihood,
    negative_log_likelihood,
)
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.view_pairs import ViewPair

WORST_CASES_NOTE = (
    "worst_cases: of all cases as they come, those with the largest loss, the worst first: wrong "
    "labels, swapped scans and true surprises are found among them. Predictions as they are, not "
    "recalibrated."
)
_MEASURES = {
    "regression": "absolute error",
    "binary": "log loss",
    "multiclass": "log loss",
    "multilabel": "mean log loss over known labels",
    "time_to_event": "mean log loss over horizons whose status is known",
}


def worst_cases_block(pairs: Sequence[ViewPair], *, most: int) -> dict[str, Any]:
    """Return the block ``worst_cases`` of one target.

    Args:
        pairs: Every set of predictions of the target.
        most: Cases that are listed for each method.
    """
    if not most:
        return {"reason": "switched off by eval.worst_cases"}
    natural = [pair for pair in pairs if pair.regime == "natural"]
    if not natural:
        return {"reason": "no predictions of cases as they come"}
    return {
        "measure": _MEASURES[natural[0].cases.kind],
        "methods": {pair.method: _listed(pair, most) for pair in natural},
    }


def case_losses(cases: ScoredCases) -> NDArray[np.float64]:
    """Return the loss of each case, NaN where nothing is known: ``(cases,)``."""
    if cases.kind == "regression":
        return np.asarray(np.abs(cases.probabilities[:, 0] - cases.labels[:, 0]))
    if cases.kind == "multiclass":
        return multiclass_negative_log_likelihood(cases.labels.argmax(axis=1), cases.probabilities)
    n_outputs = len(cases.yes_or_no)
    labels, values = cases.labels[:, :n_outputs], cases.probabilities[:, :n_outputs]
    known = ~np.isnan(labels)
    losses = np.where(known, negative_log_likelihood(np.nan_to_num(labels), values), 0.0)
    n_known = known.sum(axis=1)
    return np.where(n_known > 0, losses.sum(axis=1) / np.maximum(n_known, 1), np.nan)


def _listed(pair: ViewPair, most: int) -> list[dict[str, Any]]:
    availability = {
        case_id: name for name, cases in pair.test.items() for case_id in cases.case_ids
    }
    cases = pair.cases
    losses = case_losses(cases)
    order = np.argsort(np.where(np.isnan(losses), np.inf, -losses), kind="stable")
    order = order[~np.isnan(losses[order])][:most]
    return [
        {
            "case_id": cases.case_ids[row],
            "patient_id": cases.patient_ids[row],
            "fold": int(cases.folds[row]),
            "availability": availability[cases.case_ids[row]],
            "loss": float(losses[row]),
            **_told(cases, int(row)),
        }
        for row in order
    ]


def _told(cases: ScoredCases, row: int) -> dict[str, Any]:
    """Return what was the case and what was predicted, as people would say it."""
    labels, values = cases.labels[row], cases.probabilities[row]
    if cases.kind == "regression":
        return {"label": float(labels[0]), "prediction": float(values[0]), "probabilities": {}}
    outputs = cases.yes_or_no
    probabilities = {name: float(values[k]) for k, name in enumerate(outputs)}
    if cases.kind == "multiclass":
        label: Any = outputs[int(labels.argmax())]
        prediction: Any = outputs[int(values.argmax())]
    elif cases.kind == "binary":
        label, prediction = int(labels[0]), float(values[0])
    else:
        label = {
            name: None if np.isnan(labels[k]) else int(labels[k]) for k, name in enumerate(outputs)
        }
        prediction = probabilities
    return {"label": label, "prediction": prediction, "probabilities": probabilities}
