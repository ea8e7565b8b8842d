"""Repeated cross-validation by patients, with the program's own splits and scaling."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.methods.cohort import Cohort
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.contract import FoldData
from mmfeat.manifest.cohort import TargetValues
from mmfeat.manifest.splits import SplitRule, make_folds
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS

N_FOLDS = 5
_VAL_SHARE = 0.2
_CELL_DROPOUT = 0.75
"""As the setting `train.cell_dropout` is when nobody changes it."""


@dataclass(frozen=True)
class BenchmarkFold:
    """Hold what one fold is trained on, and the rows of its test part that have a label."""

    repeat: int
    number: int
    data: FoldData
    test: NDArray[np.int64]


def repeated_folds(cohort: Cohort, repeats: range) -> Iterator[BenchmarkFold]:
    """Give the five folds of each repeat; every repeat divides the patients anew."""
    table = cohort.table
    for repeat in repeats:
        rule = SplitRule(N_FOLDS, _VAL_SHARE, seed=repeat, stratify_by="target", by_site=False)
        sites = None if cohort.sites is None else [str(site) for site in cohort.sites]
        kind = cohort.task.parts[0].kind
        target = TargetValues(kind, ("target",), cohort.labels)
        folds = make_folds(table.patient_ids, rule, target=target, sites=sites)
        for number, fold in enumerate(folds):
            features = FittedFeatures.fit(table, fold.train)
            usable = np.flatnonzero(table.usable)
            data = FoldData(
                features=features.transform(table),
                present=table.present,
                labels=cohort.labels,
                task=cohort.task,
                patient_ids=table.patient_ids,
                train=np.intersect1d(fold.train, usable),
                val=np.intersect1d(fold.val, usable),
                cell_dropout=_cell_dropout(features),
            )
            yield BenchmarkFold(repeat, number, data, data.usable(fold.test))


def _cell_dropout(features: FittedFeatures) -> dict[str, CellDropout]:
    return {
        name: CellDropout(encoder.column_of, encoder.when_unknown, _CELL_DROPOUT)
        for name, encoder in features.records.items()
        if len(encoder.columns) >= FEWEST_COLUMNS
    }
