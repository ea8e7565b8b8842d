"""What makes a new case unlike those that a run was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.feature_table import FeatureTable
from mmfeat.stages.predicting.new_features import Remarks
from mmfeat.stages.predicting.references import References
from mmfeat.tabular.stored_vectors import blocks_of

FARTHEST_SHARE = 0.01
"""A vector is remarked on when no larger a share of known cases is as far from the others."""


@dataclass(frozen=True)
class Unlikeness:
    """Say how unlike training the cases are.

    Shape:
        - ``farther``: for each modality of vectors ``(cases,)``: the share of known cases that are
          at least as far from those trained on; NaN of cases that lack it.
    """

    farther: Mapping[str, NDArray[np.float64]]
    remarks: Remarks
    """By the id of a case."""


def unlike_training(table: FeatureTable, references: References) -> Unlikeness:
    """Compare the features and records of new cases with what training has seen.

    Args:
        table: The features of the new cases.
        references: What training has seen.
    """
    remarks: Remarks = {}
    farther = {}
    for name, distance in references.distances.items():
        shares = np.full(len(table), np.nan)
        rows = np.flatnonzero(table.has(name))
        for block in blocks_of(len(rows)):
            _, shares[rows[block]] = distance.measure(table.vectors[name][rows[block]])
        farther[name] = shares
        for row in np.flatnonzero(shares <= FARTHEST_SHARE):
            remarks.setdefault(table.case_ids[row], []).append(
                f"{name}: unlike the cases trained on, of which {100 * shares[row]:.2g} % are as "
                "far from the others"
            )
    for modality, records in table.records.items():
        for name, column in records.columns.items():
            known = references.known.get(modality, {}).get(name)
            if known is None:
                continue
            for case_id, remark in zip(table.case_ids, known.remarks(name, column), strict=True):
                if remark:
                    remarks.setdefault(case_id, []).append(f"{modality}: {remark}")
    return Unlikeness(farther, remarks)
