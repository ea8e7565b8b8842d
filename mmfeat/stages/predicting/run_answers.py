"""What all heads of a run say of some cases, and what is made of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RunAnswers:
    """Hold the answers of every head for one target.

    Shape:
        - ``by_head``: for each fold ``(heads, cases, outputs)``, as heads say, one for each seed.
        - ``by_fold``: ``(folds, cases, outputs)``: the mean over the fold's heads, recalibrated
          where that was asked for.
        - ``sd``: ``(cases, outputs)``, the deviation over all heads, each recalibrated as its fold
          is; 0 where there is one head.
    """

    names: tuple[str, ...]
    """Of the outputs, as in predictions.parquet."""
    by_head: tuple[Array, ...]
    by_fold: Array
    sd: Array
    recalibrated: str | None = None
    """How the answers of a fold are recalibrated; None where they are as heads say."""

    @property
    def mean(self) -> Array:
        """Return the prediction, the mean over the folds: ``(cases, outputs)``."""
        return np.asarray(self.by_fold.mean(axis=0))
