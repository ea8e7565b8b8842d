"""What a fusion method gets and gives back; a test checks every entry of the table against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.task import Kind, Task
from mmfeat.tabular.scan_set import ScanSet

Features = Mapping[str, NDArray[np.float32]]
"""For each modality, in the order of the settings, ``(cases, width)``."""


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

    features: dict[str, NDArray[np.float32]]
    present: NDArray[np.bool_]
    labels: NDArray[np.float64]
    task: Task
    patient_ids: tuple[str, ...]
    train: NDArray[np.int64]
    val: NDArray[np.int64]
    cell_dropout: Mapping[str, CellDropout] = field(default_factory=dict)
    """For the modalities of records whose cells are hidden in training, how."""
    sets: Mapping[str, ScanSet] = field(default_factory=dict)
    """For the modalities that are sets of vectors too, all of them, on the scale of the training
    part; ``features`` has one vector for each case."""

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

    def usable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the rows that have a label and at least one modality."""
        labelled = ~np.isnan(self.labels[rows]).all(axis=1)
        return rows[labelled & self.present[rows].any(axis=1)]


@dataclass(frozen=True)
class FitOptions:
    """Numbers that every network is trained with; the settings describe each."""

    epochs: int = 100
    patience: int = 15
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    dropout: float = 0.2
    contrastive_epochs: int = 20


@runtime_checkable
class Head(Protocol):
    """Predict one target from whatever modalities are visible."""

    def predict(self, features: Features, visible: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return probabilities; modalities that are not visible are not read.

        Shape:
            - ``visible``: ``(cases, modalities)``, at least one in each row.
            - Output: ``(cases, outputs)``: binary, the probability of the positive class;
              multiclass, rows that sum to 1; multilabel, a probability for each label.
        """

    def save(self, folder: Path) -> None:
        """Write ``head.json``, ``model.safetensors`` and, after epochs, ``history.csv``."""


@runtime_checkable
class Method(Protocol):
    """Fit heads; one entry of the table of methods."""

    name: str
    summary: str
    """What the method does, in one line."""
    uses_seed: bool
    """False when every seed gives the same head, so that one is enough."""

    def fit(
        self,
        data: FoldData,
        *,
        seed: int,
        options: FitOptions,
        device: str,
        should_stop: Callable[[], bool],
    ) -> Head:
        """Fit one head on the training and validation parts.

        Raises:
            TrainError: The parts cannot be learnt from; the message says what is missing.
            Interrupted: ``should_stop`` said so.
        """

    def load(self, folder: Path) -> Head:
        """Read a head that this method saved."""


def check_learnable(data: FoldData, rows: NDArray[np.int64]) -> None:
    """Raise TrainError unless the rows' labels differ and every modality has a labelled case."""
    labels = data.labels[rows]
    if not any(len(np.unique(column[~np.isnan(column)])) > 1 for column in labels.T):
        raise TrainError(
            f"the training part has {len(rows)} labelled cases and at most one class among them; "
            "give more cases, fewer folds, or leave the target out of `train.targets`"
        )
    for position, modality in enumerate(data.modalities):
        if not data.present[rows, position].any():
            raise TrainError(
                f"no labelled case of the training part has the modality `{modality}`; "
                "leave it out of `modalities`, or give fewer folds"
            )


def check_visible(
    features: Features, visible: NDArray[np.bool_], widths: Mapping[str, int]
) -> None:
    """Raise ValueError unless features and mask are what a head was trained on."""
    found = {name: values.shape[1] for name, values in features.items()}
    if list(found.items()) != list(widths.items()):
        raise ValueError(f"features must be {dict(widths)} (modality: width), got {found}")
    if visible.ndim != 2 or visible.shape[1] != len(widths):
        raise ValueError(f"visible must be (cases, {len(widths)}), got {visible.shape}")
    empty = np.flatnonzero(~visible.any(axis=1))
    if len(empty):
        raise ValueError(
            f"{len(empty)} cases have no visible modality, the first is row {empty[0]}"
        )
