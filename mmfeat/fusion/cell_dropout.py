"""Hide cells of records in training, so that a record with gaps is still worth something."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.feature_table import FittedFeatures
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS

N_COPIES = 3
"""Copies of each case that a linear model is fitted to beside the case itself."""
_SEED = 0


@dataclass(frozen=True, eq=False)
class CellDropout:
    """Say how cells of one modality's records are hidden in training.

    Each case loses a share of its cells that is drawn between 0 and the largest one.

    Shape:
        - ``column_of``: ``(width,)``, int64, which column of the record each number is of.
        - ``when_unknown``: ``(width,)``, float32, what it is where the cell is unknown.
    """

    column_of: NDArray[np.int64]
    when_unknown: NDArray[np.float32]
    largest_share: float

    def __post_init__(self) -> None:
        """Raise ValueError when the parts do not fit together."""
        if self.column_of.shape != self.when_unknown.shape or not 0 < self.largest_share <= 1:
            raise ValueError(
                f"expected two arrays of one length and a share above 0, got "
                f"{self.column_of.shape}, {self.when_unknown.shape} and {self.largest_share}"
            )

    def copies(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cases as they are, and after them ``N_COPIES`` times with cells hidden.

        The same cases give the same copies.

        Shape:
            - ``features``: ``(cases, width)``. Output: ``((1 + N_COPIES) * cases, width)``.
        """
        random = np.random.default_rng(_SEED)
        repeated = np.tile(features, (N_COPIES, 1))
        shares = self.largest_share * random.random((len(repeated), 1))
        hidden = random.random((len(repeated), self.column_of.max() + 1)) < shares
        gappy = np.where(hidden[:, self.column_of], self.when_unknown, repeated)
        return np.concatenate([features, gappy])


def cell_dropouts(features: FittedFeatures, largest_share: float) -> dict[str, CellDropout]:
    """Say how cells are hidden of each modality of records that has several columns.

    Args:
        features: As fitted to a training part.
        largest_share: Of the cells of a case; 0 hides nothing.
    """
    if not largest_share:
        return {}
    return {
        name: CellDropout(encoder.column_of, encoder.when_unknown, largest_share)
        for name, encoder in features.records.items()
        if len(encoder.columns) >= FEWEST_COLUMNS
    }
