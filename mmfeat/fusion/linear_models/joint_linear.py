"""Linear models of several modalities together: they see what no sum of single ones can.

A column of one modality may only say how one of the other is to be read, and then no model of
either modality alone finds what the two say together.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.linear_models.linear import choose_and_fit
from mmfeat.fusion.linear_models.linear_model import ChosenLinear
from mmfeat.fusion.linear_models.unimodal import (
    UnimodalModels,
    unimodal_models,
    with_gappy_copies,
)
from mmfeat.fusion.modality_sets import FEWEST_CASES, Members, members_in
from mmfeat.fusion.views import training_views


def joint_sets(data: FoldData) -> list[Members]:
    """Return the sets of two modalities or more that get a linear model of their own.

    They are the sets that networks are trained on, as far as enough cases have them whole.
    """
    rows = unimodal_models(data).rows
    views = training_views(len(data.modalities), seed=0)
    sets = [members_in(view) for view in views if view.sum() > 1]
    return [members for members in sets if whole(data, rows, members).sum() >= FEWEST_CASES]


def whole(data: FoldData, rows: NDArray[np.int64], members: Members) -> NDArray[np.bool_]:
    """Say which of the rows have every modality of a set."""
    return np.asarray(data.present[rows][:, list(members)].all(axis=1))


def joint_model(data: FoldData, members: Members) -> ChosenLinear:
    """Fit one model to all columns of a set, on the cases that have it whole; kept for the fold."""
    single = unimodal_models(data)
    if members not in single.joint:
        has = whole(data, single.rows, members)
        rows, folds = single.rows[has], single.folds[has]
        joined, of_copy = with_gappy_copies(data, rows, members)
        one = choose_and_fit(joined, data.labels[rows][of_copy], folds[of_copy], data.task)
        single.joint[members] = replace(one, out_of_fold=one.out_of_fold[: len(rows)])
    return single.joint[members]


def joint_models(data: FoldData) -> Iterator[tuple[Members, ChosenLinear]]:
    """Fit the model of each set in turn, so that a caller may stop in between."""
    for members in joint_sets(data):
        yield members, joint_model(data, members)


def linear_models(data: FoldData) -> UnimodalModels:
    """Fit everything linear of a fold; what is given back holds the joint models too."""
    for _ in joint_models(data):
        pass
    return unimodal_models(data)
