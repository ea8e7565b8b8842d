"""What a record encoder gets and gives back; a test checks every entry of the table against it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmfeat.losses.task import Kind
from mmfeat.tabular.column_inputs import ColumnInputs

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RecordTask:
    """Hold what an encoder is fitted to: one target of one fold.

    Shape:
        - ``labels``: ``(cases, columns)`` as a ``TaskPart`` describes them; NaN where missing.
        - ``train``, ``val``: row numbers, sorted, only of cases that have a record and a label.
    """

    labels: NDArray[np.float64]
    kind: Kind
    n_outputs: int
    """1 for binary and for a number, else the number of classes or of labels."""
    patient_ids: tuple[str, ...]
    train: NDArray[np.int64]
    val: NDArray[np.int64]


@dataclass(frozen=True)
class RecordFitOptions:
    """Say how an encoder is fitted, and where."""

    seed: int = 0
    device: str = "cpu"
    most_epochs: int = 100
    """An encoder that is trained stops after so many passes, or earlier by its own rule."""
    weights: Path | None = None
    """File with published weights, for encoders that have them."""


@runtime_checkable
class FittedRecordEncoder(Protocol):
    """Turn records into vectors; frozen."""

    @property
    def width(self) -> int:
        """Width of the vectors."""

    def embed(self, inputs: ColumnInputs) -> Vectors:
        """Return ``(cases, width)``, finite, zeros where there is no record.

        Each case's vector hangs on its own record alone, not on the others that come with it.
        """

    def save(self, folder: Path) -> None:
        """Write JSON and safetensors into the folder, nothing pickled; the same bytes each time."""


@dataclass(frozen=True, eq=False)
class EncodedRecords:
    """Hold what fitting gives.

    Shape:
        - ``rows``: ``(n,)``, the sorted row numbers of ``vectors``: train and val together, or
          those of them whose vectors differ from what ``encoder.embed`` gives.
        - ``vectors``: ``(n, width)``, float32: of these rows, made without their own labels, as
          far as the encoder can; heads are trained on them, so that they do not believe the
          encoder more than new cases will bear out.
    """

    encoder: FittedRecordEncoder
    rows: NDArray[np.int64]
    vectors: Vectors


@runtime_checkable
class RecordEncoderKind(Protocol):
    """Fit record encoders; one entry of the table of record encoders."""

    @property
    def name(self) -> str:
        """Name in the settings."""

    @property
    def summary(self) -> str:
        """What the encoder does, in one line."""

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages that it imports where it is used; the same versions give the same numbers."""

    @property
    def extra(self) -> str:
        """Extra of mmfeat that installs the packages."""

    def check_ready(self, weights: Path | None) -> None:
        """Raise RecordError unless its packages, and weights where it needs them, are there.

        Asked before any work begins; must not load weights. An encoder without published weights
        refuses any.
        """

    def fit(
        self,
        inputs: ColumnInputs,
        task: RecordTask,
        *,
        options: RecordFitOptions,
        should_stop: Callable[[], bool],
    ) -> EncodedRecords:
        """Fit to the rows of ``task.train`` and ``task.val``, and to no others.

        The same inputs, task and options give the same numbers. Heads are fitted to both parts,
        too: a vector that ``EncodedRecords`` gives them must not come from a fit that has seen the
        case's own label, or early stopping by it, where that can be had.

        Raises:
            RecordError: The rows cannot be learnt from; the message says what is missing.
            Interrupted: ``should_stop`` said so.
        """

    def load(self, folder: Path, options: RecordFitOptions) -> FittedRecordEncoder:
        """Read what ``FittedRecordEncoder.save`` wrote, exactly.

        Raises:
            RecordError: The folder lacks a file, or it is torn.
        """
