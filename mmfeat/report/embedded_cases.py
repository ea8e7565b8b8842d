"""The cohort as far as embeddings are looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class EmbeddedCases:
    """Hold the cohort as far as embeddings are looked at; every array is of all its cases.

    Shape:
        - ``case_ids``, ``patient_ids``: ``(cases,)``.
        - ``is_test``: ``(folds, cases)``; ``is_learnt``: the same of training and validation parts.
        - ``origins``: for each name ``(cases,)``, texts or None.
        - ``labels``: for each target and output ``(cases,)``, NaN where unknown.
    """

    case_ids: tuple[str, ...]
    patient_ids: tuple[str, ...]
    is_test: NDArray[np.bool_]
    is_learnt: NDArray[np.bool_]
    origins: Mapping[str, Sequence[str | None]]
    labels: Mapping[tuple[str, str], NDArray[np.float64]]
