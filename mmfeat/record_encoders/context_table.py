"""Records as networks that learn in context take them: one table of numbers, with gaps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.column_inputs import ColumnInputs


def table_of(inputs: ColumnInputs) -> NDArray[np.float32]:
    """Return numbers, NaN where unknown, then codes of categories: ``(cases, columns)``.

    "Unknown" is a category like any other, as it is to the other encoders.
    """
    return np.hstack([inputs.numbers, inputs.categories.astype(np.float32)])


@dataclass(frozen=True, eq=False)
class Context:
    """Hold the labelled records that others are seen against.

    Columns that do not vary over them are left out: nothing can be learnt of them.

    Shape:
        - ``table``: ``(n, columns)``, float32, NaN where unknown.
        - ``labels``: ``(n,)``, whole numbers from 0, none missing.
    """

    table: NDArray[np.float32]
    labels: NDArray[np.float32]

    @property
    def varying(self) -> NDArray[np.bool_]:
        """Say which columns have two known values: ``(columns,)``."""
        lowest = np.where(np.isnan(self.table), np.inf, self.table).min(axis=0)
        highest = np.where(np.isnan(self.table), -np.inf, self.table).max(axis=0)
        return np.asarray(lowest < highest)

    @property
    def means(self) -> NDArray[np.float32]:
        """Mean of the known values of each column, 0 where there are none: ``(columns,)``."""
        n_known = (~np.isnan(self.table)).sum(axis=0)
        totals = np.nansum(self.table, axis=0, dtype=np.float64)
        return np.asarray(totals / np.maximum(n_known, 1), np.float32)
