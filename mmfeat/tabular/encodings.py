"""How each kind of record column becomes numbers, once fitted to the training part."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import FiniteFloat

from mmfeat.config.base import StrictModel
from mmfeat.tabular.records import RecordColumn
from mmfeat.tabular.scaling import SCALINGS, Scaling, ScalingName


class NumberEncoding(StrictModel):
    """Encode a number, a level or a difference in days: its scaled value and a flag for unknown.

    An unknown value is taken to be the median.
    """

    kind: Literal["numeric", "ordinal", "date_difference"]
    name: str
    levels: tuple[str, ...] = ()
    median: FiniteFloat
    """Of the known training values; 0 where there were none."""
    scaling: Scaling

    @classmethod
    def fit(cls, name: str, column: RecordColumn, scaling: ScalingName) -> "NumberEncoding":
        """Take median and scaling from the training part's records."""
        known = column.values[column.known]
        return cls(
            kind=column.kind,  # type: ignore[arg-type]  # pydantic checks it
            name=name,
            levels=column.levels,
            median=float(np.median(known)) if len(known) else 0.0,
            scaling=SCALINGS[scaling].fit(known),
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return self.name, f"{self.name}:missing"

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return False, True

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, 2)``."""
        filled = np.where(column.known, column.values, self.median)
        return np.stack([self.scaling.scale(filled), ~column.known], axis=1)


class BooleanEncoding(StrictModel):
    """Encode yes as 1, no as 0 and unknown as the share of yes, and a flag for unknown."""

    kind: Literal["boolean"] = "boolean"
    name: str
    share: FiniteFloat
    """Share of yes among the known training values; 0 where there were none."""

    @classmethod
    def fit(cls, name: str, column: RecordColumn) -> "BooleanEncoding":
        """Take the share of yes from the training part's records."""
        known = column.values[column.known]
        return cls(name=name, share=float(known.mean()) if len(known) else 0.0)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return self.name, f"{self.name}:missing"

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return True, True

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, 2)``."""
        filled = np.where(column.known, column.values, self.share)
        return np.stack([filled, ~column.known], axis=1)


class CategoryEncoding(StrictModel):
    """Encode a category as 0 and 1: a column for each that is kept, for others, for unknown."""

    kind: Literal["categorical"] = "categorical"
    name: str
    kept: tuple[str, ...]
    """The categories with a column of their own, sorted."""

    @classmethod
    def fit(cls, name: str, column: RecordColumn, rare_below: float) -> "CategoryEncoding":
        """Keep each category that at least the share ``rare_below`` of the records has."""
        categories, counts = np.unique(column.values[column.known].astype(str), return_counts=True)
        kept = categories[counts >= rare_below * len(column.values)]
        return cls(name=name, kept=tuple(kept.tolist()))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        own = [f"{self.name}={category}" for category in self.kept]
        return *own, f"{self.name}:other", f"{self.name}:missing"

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return (True,) * (len(self.kept) + 2)

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, kept + 2)``; exactly one 1 in each row."""
        other, missing = len(self.kept), len(self.kept) + 1
        places = dict(zip(self.kept, range(other), strict=True)) | {None: missing}
        chosen = [places.get(value, other) for value in column.values]
        return np.eye(missing + 1)[chosen]
