"""Predict test parts whose records have lost some of their cells, with heads that eval has open."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import FoldData, Head
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.evaluation.hidden_parts import HiddenPart
from mmfeat.stages.evaluation.prediction_rows import prediction_rows
from mmfeat.stages.training.answers import answers_of_heads
from mmfeat.stages.training.outcomes import Outcome


def predict_hidden(
    cohort: Cohort,
    table: FeatureTable,
    part: HiddenPart,
    *,
    heads: Sequence[Head],
    data: FoldData,
    outcomes: Mapping[str, Outcome],
    of_all: Mapping[str, object],
) -> Iterator[pd.DataFrame]:
    """Predict the cases with all that they have, and by the record with gaps alone.

    Args:
        cohort: The cohort.
        table: The features of all cases.
        part: Cases with a share of their cells hidden.
        heads: Of one method, by seed.
        data: What they were trained on.
        outcomes: The targets that they predict.
        of_all: Further columns with one value for all rows.
    """
    alone = np.zeros((len(part.rows), len(table.modalities)), dtype=bool)
    alone[:, table.modalities.index(part.modality)] = True
    seen = {"everything": table.present[part.rows], "alone": alone}
    if len(table.modalities) == 1:
        del seen["everything"]
    for name, visible in seen.items():
        found = answers_of_heads(
            heads, data, outcomes, features=part.features, visible=visible, sets=part.sets
        )
        for target, answers in found.items():
            yield prediction_rows(
                cohort,
                target,
                part.rows,
                answers,
                outcome=outcomes[target],
                of_all={**of_all, "modality": part.modality, "seen": name},
                of_cases={
                    "order": part.orders,
                    "share": part.shares,
                    "n_known": part.n_known,
                    "n_hidden": part.n_hidden,
                },
            )
