"""What one fold is trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.task import Kind, Task
from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import Vectors

Features = Mapping[str, Vectors]
"""For each modality, in the order of the settings, ``(cases, width)``; of cohorts larger than
memory what stands for it, and only some rows are an array at a time: ``values[rows]``."""

Sets = Mapping[str, ScanSet]
"""For the modalities that are sets of vectors too, all of them."""


@dataclass(frozen=True, eq=False)
class FoldData:
    """Hold what one fold is trained on; two are equal only when they are the same object.

    Shape:
        - ``features``: for each modality ``(cases, width)``; rows where it is not present are not
          read.
        - ``present``: ``(cases, modalities)``, True where the case has the modality.
        - ``labels``: ``(cases, columns)`` as the task describes; NaN where missing.
        - ``train``, ``val``: row numbers; methods look at no other rows.
    """

    features: Features
    present: NDArray[np.bool_]
    labels: NDArray[np.float64]
    task: Task
    patient_ids: tuple[str, ...]
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    cell_dropout: Mapping[str, CellDropout] = field(default_factory=dict)
    """For the modalities of records whose cells are hidden in training, how."""
    sets: Sets = field(default_factory=dict)
    """On the scale of the training part; ``features`` has one vector for each case."""
    records: frozenset[str] = frozenset()
    """Names of the modalities that are records, not images."""

    def __post_init__(self) -> None:
        """Raise ValueError when the shapes do not fit together."""
        n_cases = len(self.patient_ids)
        wrong = [name for name, values in self.features.items() if len(values) != n_cases]
        if wrong or self.present.shape != (n_cases, len(self.features)):
            raise ValueError(
                f"features of {wrong or 'no modality'} and present {self.present.shape} do not fit "
                f"{n_cases} cases and {len(self.features)} modalities"
            )
        if self.labels.shape != (n_cases, self.task.n_columns):
            raise ValueError(
                f"labels must be {(n_cases, self.task.n_columns)}, got {self.labels.shape}"
            )

    @property
    def kind(self) -> Kind:
        """Return the kind of the only target."""
        if len(self.task.parts) > 1:
            raise ValueError(f"there are {len(self.task.parts)} targets, each with its own kind")
        return self.task.parts[0].kind

    @property
    def n_outputs(self) -> int:
        """Return the number of logits."""
        return self.task.n_outputs

    @property
    def modalities(self) -> tuple[str, ...]:
        """Return the names of the modalities, in order."""
        return tuple(self.features)

    @property
    def widths(self) -> dict[str, int]:
        """Return the width of each modality's vectors."""
        return {name: values.shape[1] for name, values in self.features.items()}

    @property
    def is_in_memory(self) -> bool:
        """Say whether all features are arrays; or else some are read as they are needed."""
        return all(isinstance(values, np.ndarray) for values in self.features.values())

    @property
    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the features, which are all in memory."""
        if not self.is_in_memory:
            raise ValueError("some features are not in memory")
        return {n: v for n, v in self.features.items() if isinstance(v, np.ndarray)}

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the rows that have a label and at least one modality."""
        labelled = ~np.isnan(self.labels[rows]).all(axis=1)
        return rows[labelled & self.present[rows].any(axis=1)]
