"""The predictions of validation parts, taken apart by fold."""

from collections.abc import Mapping

import pandas as pd

from mmfeat.report import ScoredCases, View, read_views


def read_validation(
    frame: pd.DataFrame, kinds: Mapping[str, str]
) -> dict[int, dict[View, ScoredCases]]:
    """Return the predictions of each fold's validation part, by view.

    A case is in the validation part of several folds, and each fold's heads say something else of
    it; so only cases of one fold are ever together.

    Args:
        frame: Predictions of validation parts; see `Predictions`.
        kinds: Kind of each target.
    """
    if frame.empty:
        return {}
    return {
        int(str(fold)): read_views(part, kinds)
        for fold, part in frame.groupby("fold", sort=True, observed=True)
    }
