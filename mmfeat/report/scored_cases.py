"""The rows of a predictions table as arrays, one object for each set of predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import EvalError
from mmfeat.metrics import (
    BinaryMetrics,
    MetricSet,
    MulticlassMetrics,
    MultilabelMetrics,
    RegressionMetrics,
    SurvivalMetrics,
)

PREDICTION_COLUMNS = (
    "case_id",
    "patient_id",
    "target",
    "method",
    "fold",
    "regime",
    "availability",
    "output",
    "prediction",
    "label",
)
"""The columns of a predictions table, described in docs/file-formats.md."""


class View(NamedTuple):
    """Name one set of predictions."""

    target: str
    method: str
    regime: str
    """``natural`` or ``simulated``."""
    availability: str
    """Modalities joined by +."""


@dataclass(frozen=True, eq=False)
class ScoredCases:
    """Hold predictions and labels of cases, sorted by ``case_id``.

    Shape:
        - ``case_ids``, ``patient_ids``, ``folds``: ``(cases,)``.
        - ``probabilities``: ``(cases, outputs)``; of a number, the predicted one; of a time to an
          event the risk until each horizon, and in the last column what orders the cases.
        - ``labels``: ``(cases, outputs)`` of 0 and 1, NaN where unknown; one 1 for a class; of a
          number, itself; in the last column of a time to an event the time, negative where
          follow-up ended without it.
    """

    kind: str
    outputs: tuple[str, ...]
    case_ids: NDArray[np.object_]
    patient_ids: NDArray[np.object_]
    folds: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    labels: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.case_ids)

    def take(self, rows: NDArray[Any]) -> "ScoredCases":
        """Return some of the cases, by row numbers or a mask."""
        return ScoredCases(
            self.kind,
            self.outputs,
            self.case_ids[rows],
            self.patient_ids[rows],
            self.folds[rows],
            self.probabilities[rows],
            self.labels[rows],
        )

    def labelled(self) -> "ScoredCases":
        """Return the cases with at least one label."""
        return self.take(np.flatnonzero((~np.isnan(self.labels)).sum(axis=1)))

    @property
    def yes_or_no(self) -> tuple[str, ...]:
        """Return the outputs that are true of a case or not, which have probabilities."""
        if self.kind == "regression":
            return ()
        return self.outputs[:-1] if self.kind == "time_to_event" else self.outputs

    def at_horizons(self) -> "ScoredCases":
        """Return the risks of a time to an event until each horizon, as labels."""
        return replace(
            self,
            kind="multilabel",
            outputs=self.yes_or_no,
            probabilities=self.probabilities[:, :-1],
            labels=self.labels[:, :-1],
        )

    def metric_set(self, bins: int) -> MetricSet:
        """Return the metrics of these cases; all of them must be labelled."""
        if self.kind == "regression":
            return RegressionMetrics(self.labels[:, 0], self.probabilities[:, 0], folds=self.folds)
        if self.kind == "time_to_event":
            return SurvivalMetrics(
                self.labels[:, -1],
                self.probabilities[:, -1],
                status=self.labels[:, :-1],
                by_horizon=self.probabilities[:, :-1],
                names=self.yes_or_no,
                folds=self.folds,
                bins=bins,
            )
        if self.kind == "binary":
            return BinaryMetrics(
                self.labels[:, 0], self.probabilities[:, 0], folds=self.folds, bins=bins
            )
        if self.kind == "multiclass":
            return MulticlassMetrics(
                self.labels.argmax(axis=1),
                self.probabilities,
                classes=self.outputs,
                folds=self.folds,
                bins=bins,
            )
        return MultilabelMetrics(
            self.labels, self.probabilities, names=self.outputs, folds=self.folds, bins=bins
        )


def joined(parts: Sequence[ScoredCases]) -> ScoredCases:
    """Return the cases of several sets of one target as one set, sorted by ``case_id``."""
    whole = ScoredCases(
        parts[0].kind,
        parts[0].outputs,
        np.concatenate([part.case_ids for part in parts]),
        np.concatenate([part.patient_ids for part in parts]),
        np.concatenate([part.folds for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )
    return whole.take(np.argsort(whole.case_ids, kind="stable"))


def read_views(frame: pd.DataFrame, kinds: Mapping[str, str]) -> dict[View, ScoredCases]:
    """Take a predictions table apart.

    Args:
        frame: Predictions, as described in docs/file-formats.md.
        kinds: Kind of each target.

    Raises:
        EvalError: The table is empty or lacks a column, a row is twice in it, or a probability is
            not one.
    """
    missing = [name for name in PREDICTION_COLUMNS if name not in frame]
    if missing:
        raise EvalError(
            f"predictions lack the columns {', '.join(missing)}: another version of mmfeat wrote "
            "them; run `mmfeat eval` again"
        )
    if frame.empty:
        raise EvalError(
            "no predictions: no case of any test part has a modality; check the manifest"
        )
    _check_predictions(frame, kinds)
    outputs = {
        target: tuple(str(name) for name in part["output"].unique())
        for target, part in frame.groupby("target", sort=False, observed=True)
    }
    keys = ["target", "method", "regime", "availability"]
    views = {}
    for key, part in frame.groupby(keys, sort=False, observed=True):
        view = View(*map(str, key))
        views[view] = scored_cases(", ".join(view), part, kinds[view.target], outputs[view.target])
    return views


def scored_cases(name: str, part: pd.DataFrame, kind: str, outputs: tuple[str, ...]) -> ScoredCases:
    """Take the rows of one set of predictions, which the name stands for in errors.

    Raises:
        EvalError: A case is not there once for each output.
    """
    part = part.sort_values("case_id", kind="stable")
    n_cases = len(part) // len(outputs)
    by_output = [part[part["output"].astype(str) == name] for name in outputs]
    case_ids = by_output[0]["case_id"].astype(str).to_numpy(dtype=object)
    if len(set(case_ids)) != n_cases or any(
        case_ids.tolist() != one["case_id"].astype(str).tolist() for one in by_output
    ):
        raise EvalError(
            f"predictions of {name}: each case must be there once for each of the "
            f"outputs {list(outputs)}; remove the run folder's predictions and train again"
        )
    return ScoredCases(
        kind,
        outputs,
        case_ids,
        by_output[0]["patient_id"].astype(str).to_numpy(dtype=object),
        by_output[0]["fold"].to_numpy(dtype=np.int64),
        np.stack([one["prediction"].to_numpy(dtype=np.float64) for one in by_output], axis=1),
        np.stack([one["label"].to_numpy(dtype=np.float64) for one in by_output], axis=1),
    )


def _check_predictions(frame: pd.DataFrame, kinds: Mapping[str, str]) -> None:
    """Refuse what is no probability, or for other outputs no number."""
    values = frame["prediction"].to_numpy(dtype=np.float64)
    kind = frame["target"].astype(str).map(dict(kinds))
    any_number = (kind == "regression") | (
        (kind == "time_to_event") & ~frame["output"].astype(str).str.startswith("by ")
    )
    wrong = ~np.where(any_number, np.isfinite(values), (values >= 0) & (values <= 1))
    if wrong.any():
        first = frame[wrong].iloc[0]
        wanted = "finite numbers" if any_number[wrong].iloc[0] else "probabilities"
        raise EvalError(
            f"{wrong.sum()} predictions are not {wanted}; the first is "
            f"{first['prediction']} for case `{first['case_id']}`, method `{first['method']}`, "
            f"target `{first['target']}`; "
            "train this method again, or leave it out of train.methods"
        )
