"""How each kind of record column becomes numbers, once fitted to the training part."""

from collections import Counter
from itertools import chain
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import FiniteFloat

from mmfeat.config.base import StrictModel
from mmfeat.tabular.records import RecordColumn
from mmfeat.tabular.scaling import SCALINGS, Scaling, ScalingName


class NumberEncoding(StrictModel):
    """Encode a number, a level or a difference in days: its scaled value and a flag for unknown.

    An unknown value is taken to be the median. A column that may hold limits such as `<0.5` has
    two flags more: the true value is below, or above, the number.
    """

    kind: Literal["numeric", "ordinal", "date_difference"]
    name: str
    levels: tuple[str, ...] = ()
    median: FiniteFloat
    """Of the known training values; 0 where there were none."""
    scaling: Scaling
    has_limits: bool = False

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
            has_limits=column.sides is not None,
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        limits = (f"{self.name}:below", f"{self.name}:above") if self.has_limits else ()
        return self.name, f"{self.name}:missing", *limits

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return (False, True, True, True) if self.has_limits else (False, True)

    @property
    def unknown(self) -> tuple[float, ...]:
        """What an unknown cell is encoded as."""
        (median,) = self.scaling.scale(np.array([self.median])).tolist()
        return (median, 1.0, 0.0, 0.0) if self.has_limits else (median, 1.0)

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, 2)``, or ``(cases, 4)`` with limits."""
        filled = np.where(column.known, column.values, self.median)
        limits = [] if column.sides is None else [column.sides < 0, column.sides > 0]
        return np.stack([self.scaling.scale(filled), ~column.known, *limits], axis=1)


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

    @property
    def unknown(self) -> tuple[float, ...]:
        """What an unknown cell is encoded as."""
        return self.share, 1.0

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
        counts = Counter(column.values[column.known].tolist())
        return cls(name=name, kept=_frequent(counts, rare_below * len(column.values)))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return _names_of_kept(self.name, self.kept)

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return (True,) * len(self.feature_names)

    @property
    def unknown(self) -> tuple[float, ...]:
        """What an unknown cell is encoded as."""
        return *(0.0 for _ in self.kept), 0.0, 1.0

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, kept + 2)``; exactly one 1 in each row."""
        other, missing = len(self.kept), len(self.kept) + 1
        places = dict(zip(self.kept, range(other), strict=True))
        codes, categories = pd.factorize(column.values)  # -1 where unknown
        columns = [places.get(category, other) for category in categories]
        encoded: NDArray[np.float64] = np.eye(missing + 1)[np.array([*columns, missing])[codes]]
        return encoded


class CodesEncoding(StrictModel):
    """Encode a list of codes: a column of 0 and 1 for each that is kept, for others, for unknown.

    A case without any code, of which that is known, has 0 everywhere.
    """

    kind: Literal["codes"] = "codes"
    name: str
    kept: tuple[str, ...]
    """The codes with a column of their own, sorted."""

    @classmethod
    def fit(cls, name: str, column: RecordColumn, rare_below: float) -> "CodesEncoding":
        """Keep each code that at least the share ``rare_below`` of the records has."""
        counts = Counter(chain.from_iterable(column.values[column.known]))
        return cls(name=name, kept=_frequent(counts, rare_below * len(column.values)))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return _names_of_kept(self.name, self.kept)

    @property
    def is_indicator(self) -> tuple[bool, ...]:
        """Say which encoded columns are yes or no."""
        return (True,) * len(self.feature_names)

    @property
    def unknown(self) -> tuple[float, ...]:
        """What an unknown cell is encoded as."""
        return *(0.0 for _ in self.kept), 0.0, 1.0

    def encode(self, column: RecordColumn) -> NDArray[np.float64]:
        """Return ``(cases, kept + 2)``."""
        other, missing = len(self.kept), len(self.kept) + 1
        places = dict(zip(self.kept, range(other), strict=True))
        encoded = np.zeros((len(column.values), missing + 1))
        for row, codes in enumerate(column.values):
            if codes is None:
                encoded[row, missing] = 1.0
            for code in codes or ():
                encoded[row, places.get(code, other)] = 1.0
        return encoded


def _names_of_kept(name: str, kept: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a column for each that is kept, for others, for unknown."""
    return *(f"{name}={one}" for one in kept), f"{name}:other", f"{name}:missing"


def _frequent(counts: Counter[str], least: float) -> tuple[str, ...]:
    return tuple(sorted(name for name, count in counts.items() if count >= least))
