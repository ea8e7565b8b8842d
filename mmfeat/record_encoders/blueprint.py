"""What a network of the record is built for: its cells and outputs, without any weights."""

import numpy as np
from numpy.typing import NDArray
from pydantic import FiniteFloat

from mmfeat.config.base import StrictModel
from mmfeat.tabular.column_inputs import ColumnInputs

MOST_BINS = 48
CASES_PER_BIN = 8
"""Known training values for each bin, so that no bin hangs on one or two cases."""


class Blueprint(StrictModel):
    """Describe a network's inputs and outputs, as plain numbers.

    Example:
        >>> Blueprint(
        ...     n_outputs=1,
        ...     n_numbers=1,
        ...     cardinalities=(3, 2),
        ...     column_of_number=(0,),
        ...     column_of_category=(1, 1),
        ...     bin_edges=((0.0, 1.0),),
        ... ).n_columns
        2
    """

    n_outputs: int
    n_numbers: int
    cardinalities: tuple[int, ...]
    """Of each category, "unknown", the last one, included."""
    column_of_number: tuple[int, ...]
    """For each number, the place of the record's column that it comes from."""
    column_of_category: tuple[int, ...]
    bin_edges: tuple[tuple[FiniteFloat, ...], ...]
    """For each number, rising edges of bins that hold equally many training values."""

    @classmethod
    def of(cls, inputs: ColumnInputs, rows: NDArray[np.int64], *, n_outputs: int) -> "Blueprint":
        """Describe networks for these inputs, with bins of the values of some rows."""
        return cls(
            n_outputs=n_outputs,
            n_numbers=len(inputs.number_names),
            cardinalities=inputs.cardinalities,
            column_of_number=inputs.column_of_number,
            column_of_category=inputs.column_of_category,
            bin_edges=tuple(_bin_edges(values) for values in inputs.numbers[rows].T),
        )

    @property
    def n_columns(self) -> int:
        """Number of the record's own columns."""
        return 1 + max((*self.column_of_number, *self.column_of_category))


def _bin_edges(values: NDArray[np.float32]) -> tuple[float, ...]:
    """Return quantiles of the known ones of ``(rows,)``, each once; three edges at least.

    So many equal bins as `rtdl_num_embeddings.compute_bins` makes of a column, where it can: that
    takes neither gaps nor constant columns.
    """
    known = values[~np.isnan(values)]
    n_bins = max(2, min(MOST_BINS, len(known) // CASES_PER_BIN))
    edges = np.unique(np.quantile(known, np.linspace(0, 1, n_bins + 1))) if len(known) else known
    if len(edges) == 0:
        edges = np.array([0.0])
    if len(edges) == 1:  # a constant column: bins about it, in deviations
        edges = edges[0] + np.array([-1.0, 0.0, 1.0])
    elif len(edges) == 2:
        edges = np.array([edges[0], edges.mean(), edges[1]])
    return tuple(np.unique(edges.astype(np.float32)).tolist())
