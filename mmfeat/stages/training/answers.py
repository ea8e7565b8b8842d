"""What users see of several heads' predictions: each target's answers, averaged over the heads."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.contract import Features, FoldData, Head, Sets
from mmfeat.fusion.predicting import predict_in_parts
from mmfeat.stages.training.cox_outcome import CoxOutcome, CoxReference
from mmfeat.stages.training.outcomes import Outcome
from mmfeat.tabular.stored_vectors import rows_of

Array = NDArray[np.float64]
Visible = NDArray[np.bool_]


def answers_of_heads(
    heads: Sequence[Head],
    data: FoldData,
    outcomes: Mapping[str, Outcome],
    *,
    features: Features,
    visible: Visible,
    sets: Sets | None = None,
) -> dict[str, Array]:
    """Return the answers of each target: ``(cases, names of its outcome)``.

    Args:
        heads: Heads of one method, by seed; their answers are averaged.
        data: What they were trained on; Cox models take their baseline hazard from it.
        outcomes: The targets, in the order of the task's parts.
        features: Of the cases to predict, for each modality.
        visible: What is seen of them: ``(cases, modalities)``.
        sets: Of the cases to predict, for heads that read sets.
    """
    found: dict[str, list[Array]] = {name: [] for name in outcomes}
    for head in heads:
        predicted = predict_in_parts(head, features, visible, sets)
        for (name, outcome), (_, outputs, columns) in zip(
            outcomes.items(), data.task.places(), strict=True
        ):
            own = predicted[:, outputs]
            if isinstance(outcome, CoxOutcome):
                reference = cox_reference(head, data, outputs, columns)
                found[name].append(_cox_answers(outcome, own, visible, reference))
            else:
                found[name].append(outcome.answers(own))
    return {name: np.mean(of_heads, axis=0) for name, of_heads in found.items()}


def _cox_answers(
    outcome: CoxOutcome,
    predicted: Array,
    visible: Visible,
    reference: Callable[[Visible], CoxReference],
) -> Array:
    """Give each set of modalities the baseline hazard of cases that are seen through it."""
    answers = np.empty((len(predicted), len(outcome.names)))
    views, view_of = np.unique(visible, axis=0, return_inverse=True)
    for number, view in enumerate(views):
        rows = view_of.ravel() == number
        answers[rows] = outcome.answers(predicted[rows], reference(view))
    return answers


def cox_reference(
    head: Head, data: FoldData, outputs: slice, columns: slice
) -> Callable[[Visible], CoxReference]:
    """Return what shows a head the cases it was trained on, through a set of modalities.

    Args:
        head: The head.
        data: What it was trained on.
        outputs: Place of the target's logits.
        columns: Place of its labels.
    """
    learnt = data.usable(np.union1d(data.train, data.val))
    labels = data.labels[:, columns]
    learnt = learnt[~np.isnan(labels[learnt]).any(axis=1)]

    def through(view: Visible) -> CoxReference:
        complete = data.present[learnt][:, view].all(axis=1)
        rows = learnt[complete] if complete.any() else learnt
        seen = data.present[rows] & view
        seen[~seen.any(axis=1)] = data.present[rows][~seen.any(axis=1)]
        features = {name: rows_of(values, rows) for name, values in data.features.items()}
        sets = {name: scans.of_cases(rows) for name, scans in data.sets.items()}
        log_hazards = predict_in_parts(head, features, seen, sets)[:, outputs][:, 0]
        return CoxReference(log_hazards, labels[rows, 0], labels[rows, 1])

    return through
