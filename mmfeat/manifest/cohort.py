"""The validated manifest: every case with its patient, targets and sources."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.manifest.regions import Region
from mmfeat.remote_path import AnyPath

TargetKind = Literal["binary", "multiclass", "multilabel", "regression", "time_to_event"]


@dataclass(frozen=True)
class TimeRules:
    """Say how times to an event are learnt and answered."""

    horizons: tuple[float, ...]
    """Times until which the risk is predicted, in order."""
    n_intervals: int
    """Most intervals that have a hazard of their own."""
    is_cox: bool = False
    """Say that they are learnt by the partial likelihood instead of discrete hazards."""


@dataclass(frozen=True)
class TargetValues:
    """Hold the labels of all cases for one target; NaN where the label is missing.

    Shape:
        - ``values``: ``(cases, columns)``, float64. binary: one column of 0 and 1. multiclass: one
          column with the index of the class. multilabel: a column of 0 and 1 for each label.
          regression: one column. time_to_event: the time and 1 for event or 0 for censored.
    """

    kind: TargetKind
    names: tuple[str, ...]
    """What the columns or classes are called: the positive value of a binary target, the classes,
    the labels' columns, the number's column, or those of time and event."""
    values: NDArray[np.float64]
    times: TimeRules | None = None
    """Of a time to an event."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Say which cases have at least one label: ``(cases,)``."""
        return np.asarray(~np.isnan(self.values).all(axis=1))


@dataclass(frozen=True)
class ScanSource:
    """Say what a feature is made from: a scan, or one region of interest in it."""

    path: AnyPath
    """Absolute, or a URL."""
    region: Region | None = None

    def __str__(self) -> str:
        """Name it: the path, and where in it the region is."""
        return str(self.path) if self.region is None else f"{self.path} {self.region}"


@dataclass(frozen=True)
class CaseScan:
    """Name one scan of a case, or one region of interest in it."""

    path: AnyPath
    """Absolute, or a URL."""
    days: float | None = None
    """Days from the scan to the index date, positive if it comes before; None if not known."""
    region: Region | None = None
    """Where to look in it; None if the table does not say, or the encoder looks at all of it."""

    @property
    def source(self) -> ScanSource:
        """What its feature is made from."""
        return ScanSource(self.path, self.region)


@dataclass(frozen=True)
class Cohort:
    """Hold the manifest after validation: rows in the order of the file, each case once."""

    case_ids: tuple[str, ...]
    patient_ids: tuple[str, ...]
    sites: tuple[str, ...] | None
    """Site of each case, where the settings name a column for it; an empty text is unknown."""
    targets: dict[str, TargetValues]
    sources: dict[str, tuple[tuple[CaseScan, ...], ...]]
    """For each volume modality, the scans of each case: of any number, in the order of their days
    and then of their paths; those of unknown days come last."""
    frame: pd.DataFrame
    """All columns of the manifest as stripped text, in the same row order; missing cells are
    NaN."""
    notes: tuple[str, ...] = ()
    """What the user should know of how the tables were read, a sentence each."""

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.case_ids)


@dataclass(frozen=True)
class Fold:
    """Name the three disjoint parts of one fold, as sorted row numbers of the cohort."""

    train: NDArray[np.int64]
    val: NDArray[np.int64]
    test: NDArray[np.int64]

    @property
    def outside_test(self) -> NDArray[np.int64]:
        """The cases that may be looked at before a model is tested, sorted."""
        return np.sort(np.concatenate([self.train, self.val]))
