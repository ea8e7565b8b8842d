"""Predict each target from nothing but what is missing, within the folds of the run."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.logistic import METHOD as LINEAR
from mmfeat.fusion.training.running import fit_head
from mmfeat.manifest.cohort import Fold, TargetValues
from mmfeat.report.missingness import missingness_block
from mmfeat.report.scored_cases import scored_cases
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.evaluation.prediction_rows import prediction_rows
from mmfeat.stages.training.answers import answers_of_heads
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.training.outcomes import fitted_outcome, joint_task

_ONLY = "missingness"
"""The one modality of the models that are fitted here."""


@dataclass(frozen=True)
class Gaps:
    """Hold what is missing of each case.

    Shape:
        - ``values``: ``(cases, predictors)``: whether it has a modality, and the share of the
          record's cells that are empty.
        - ``incomplete``: ``(cases,)``, whether it lacks a modality, or a cell of a record it has.
    """

    predictors: tuple[str, ...]
    values: NDArray[np.float64]
    incomplete: NDArray[np.bool_]


def missingness_of(evaluation: Evaluation, target: str) -> dict[str, Any]:
    """Return the block ``missingness`` of one target."""
    opened = evaluation.opened
    gaps = gaps_of(opened.table)
    if not gaps.predictors:
        return {"reason": "no case lacks a modality or a cell that another has"}
    try:
        parts = [
            _predicted(opened, target, gaps, number, fold)
            for number, fold in enumerate(opened.folds)
        ]
    except TrainError as error:
        return {"reason": f"nothing could be fitted: {error}"}
    frame = pd.concat(parts, ignore_index=True)
    kind = opened.cohort.targets[target].kind
    outputs = tuple(str(name) for name in frame["output"].unique())
    scored = scored_cases(f"missingness of {target}", frame, kind, outputs)
    places = {case_id: row for row, case_id in enumerate(opened.table.case_ids)}
    rows = [places[case_id] for case_id in scored.case_ids]
    return missingness_block(
        scored,
        [_pattern(opened.table, row) for row in rows],
        predictors=gaps.predictors,
        incomplete=gaps.incomplete[rows],
        options=evaluation.options,
    )


def gaps_of(table: FeatureTable) -> Gaps:
    """Say what is missing of each case; what is the same in all usable cases is no predictor."""
    columns: dict[str, NDArray[np.float64]] = {}
    incomplete = np.asarray(~table.present.all(axis=1))
    for place, modality in enumerate(table.modalities):
        columns[f"has {modality}"] = table.present[:, place].astype(np.float64)
        if modality in table.records:
            known = np.stack([one.known for one in table.records[modality].columns.values()])
            empty = np.where(table.present[:, place], (~known).mean(axis=0), 0.0)
            columns[f"empty cells of {modality}"] = empty
            incomplete |= empty > 0
    varying = {name: values for name, values in columns.items() if np.ptp(values[table.usable]) > 0}
    values = np.stack(list(varying.values()), axis=1) if varying else np.zeros((len(table), 0))
    return Gaps(tuple(varying), values, incomplete)


def _predicted(opened: OpenRun, target: str, gaps: Gaps, number: int, fold: Fold) -> pd.DataFrame:
    """Return predictions of a fold's test part by a model that saw gaps alone."""
    cohort, usable = opened.cohort, np.flatnonzero(opened.table.usable)
    outcome = fitted_outcome(_learnable(cohort.targets[target]), fold.train)
    train, test = np.intersect1d(fold.train, usable), np.intersect1d(fold.test, usable)
    mean, sd = gaps.values[train].mean(axis=0), gaps.values[train].std(axis=0)
    scaled = (gaps.values - mean) / np.where(sd > 0, sd, 1.0)
    features = {_ONLY: np.where(sd > 0, scaled, 0.0).astype(np.float32)}
    data = FoldData(
        features=features,
        present=np.ones((len(cohort), 1), dtype=bool),
        labels=outcome.labels(cohort.targets[target].values),
        task=joint_task({target: outcome}, {target: 1.0}),
        patient_ids=cohort.patient_ids,
        train=train,
        val=np.intersect1d(fold.val, usable),
    )
    head = fit_head(LINEAR, data, seed=0, options=opened.options)
    answers = answers_of_heads(
        [head],
        data,
        {target: outcome},
        features={_ONLY: features[_ONLY][test]},
        visible=np.ones((len(test), 1), dtype=bool),
    )
    return prediction_rows(
        cohort,
        target,
        test,
        answers[target],
        outcome=outcome,
        of_all={"method": _ONLY, "fold": number},
        of_cases={},
    )


def _learnable(values: TargetValues) -> TargetValues:
    """Return the target as linear models learn it: times by discrete hazards."""
    if values.times is None:
        return values
    return replace(values, times=replace(values.times, is_cox=False))


def _pattern(table: FeatureTable, row: int) -> str:
    names = zip(table.modalities, table.present[row], strict=True)
    return "+".join(name for name, has in names if has)
