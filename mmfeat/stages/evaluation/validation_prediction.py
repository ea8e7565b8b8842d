"""Predict the validation part of a fold, by models that did not learn from it."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.fusion.contract import Head
from mmfeat.stages.evaluation.regimes import regimes
from mmfeat.stages.evaluation.view_rows import view_rows
from mmfeat.stages.training.answers import answers_of_heads
from mmfeat.stages.training.scenes import Scene
from mmfeat.tabular.stored_vectors import rows_of

Array = NDArray[np.float64]


def predict_validation(scene: Scene, method: str, heads: Sequence[Head]) -> Iterator[pd.DataFrame]:
    """Give the predictions of the labelled cases of the validation part, in every view.

    Heads that were fitted to this part, too, are not asked: they have kept what models without the
    cases said in training. Of what they have not kept there is no row.

    Args:
        scene: Fold, target and variant.
        method: Label of the method.
        heads: Its heads, by seed.
    """
    labelled = scene.data.usable(scene.data.val)
    for regime, rows, visible in regimes(scene.opened.table.present, labelled):
        found = _unseen_answers(scene, heads, rows, visible)
        if found is None:
            found = _answers(scene, heads, rows, visible)
        for target, answers in found.items():
            known = ~np.isnan(answers).any(axis=1)
            if known.any():
                yield view_rows(
                    scene,
                    target,
                    rows[known],
                    visible[known],
                    answers[known],
                    of_all={
                        "method": scene.opened.plan.shown(scene.target, method),
                        "regime": regime,
                    },
                )


def _answers(
    scene: Scene, heads: Sequence[Head], rows: NDArray[np.int64], visible: NDArray[np.bool_]
) -> dict[str, Array]:
    if not len(rows):
        return {}
    return answers_of_heads(
        heads,
        scene.data,
        scene.outcomes,
        features={name: rows_of(values, rows) for name, values in scene.data.features.items()},
        visible=visible,
        sets={name: scans.of_cases(rows) for name, scans in scene.data.sets.items()},
    )


def _unseen_answers(
    scene: Scene, heads: Sequence[Head], rows: NDArray[np.int64], visible: NDArray[np.bool_]
) -> dict[str, Array] | None:
    """Return each target's answers from what the heads kept; None where they kept nothing apart."""
    kept = [head.unseen for head in heads if head.unseen is not None]
    if not kept:
        return None
    task = scene.data.task
    of_heads = [one.of(rows, visible, task.n_outputs) for one in kept]
    return {
        name: np.mean([outcome.answers(one[:, outputs]) for one in of_heads], axis=0)
        for (name, outcome), (_, outputs, _) in zip(
            scene.outcomes.items(), task.places(), strict=True
        )
    }
