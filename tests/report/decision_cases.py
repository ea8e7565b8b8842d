"""Predictions of test and validation parts as view pairs, for tests of what is made of both."""

from collections.abc import Callable

import pandas as pd

from mmfeat.report import read_views
from mmfeat.report.view_pairs import ViewPair, view_pairs

KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}
METHODS = ("mmfeat", "logistic")
MODALITIES = ("ct", "clinical")


def made_pairs(
    made_predictions: Callable,
    target: str = "cancer",
    *,
    change_test: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
    with_validation: bool = True,
    n_patients: int = 120,
) -> list[ViewPair]:
    """Return the pairs of one target; the validation parts are of other patients."""
    made = {"n_patients": n_patients, "methods": METHODS, "targets": (target,)}
    test, _ = made_predictions(**made)
    validation, _ = made_predictions(**made, seed=1)
    of_folds = {int(fold): read_views(part, KINDS) for fold, part in validation.groupby("fold")}
    return list(
        view_pairs(
            read_views(change_test(test), KINDS),
            of_folds if with_validation else {},
            methods=METHODS,
            modalities=MODALITIES,
        )
    )
