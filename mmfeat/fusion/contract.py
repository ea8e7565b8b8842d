"""What a fusion method gets and gives back; a test checks every entry of the table against it."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.fusion.fit_options import FitOptions
from mmfeat.fusion.fold_data import Features, FoldData, Sets
from mmfeat.fusion.training.network_jobs import NetworkJob, TrainedNetwork
from mmfeat.fusion.unseen import UnseenAnswers

__all__ = [
    "Course",
    "Features",
    "FitOptions",
    "FoldData",
    "Head",
    "Method",
    "Sets",
    "check_learnable",
    "check_visible",
    "learnable_parts",
]


@runtime_checkable
class Head(Protocol):
    """Predict one target from whatever modalities are visible."""

    @property
    def validation(self) -> float | None:
        """Return the mean over the views of the loss on cases that the head was not fitted to.

        Lower is better; None where it is not known, as in files of earlier versions.
        """

    @property
    def unseen(self) -> UnseenAnswers | None:
        """Return what models without them answered of the cases of the validation part.

        None where the head itself was not fitted to that part, so that it may be asked.
        """

    def predict(
        self, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
    ) -> NDArray[np.float64]:
        """Return answers; modalities that are not visible are not read.

        Shape:
            - ``visible``: ``(cases, modalities)``, at least one in each row.
            - ``sets``: of the same cases; only heads that learnt from sets read them.
            - Output: ``(cases, outputs)``: binary, the probability of the positive class;
              multiclass, rows that sum to 1; multilabel, a probability for each label; regression,
              the number; cox, the log hazard. Of several targets, side by side.
        """

    def save(self, folder: Path) -> None:
        """Write ``head.json``, ``model.safetensors`` and, after epochs, ``history.csv``."""


Course = Generator[Sequence[NetworkJob], Sequence[TrainedNetwork], Head]
"""The way to one head: rounds of networks that are asked for, and at the end the head."""


@runtime_checkable
class Method(Protocol):
    """Fit heads; one entry of the table of methods."""

    @property
    def name(self) -> str:
        """Return its name in the table."""

    @property
    def summary(self) -> str:
        """Return what the method does, in one line."""

    @property
    def uses_seed(self) -> bool:
        """Return False when every seed gives the same head, so that one is enough."""

    @property
    def uses_linear(self) -> bool:
        """Return True when it asks for `unimodal_models`, fitted once for all methods of a fold."""

    @property
    def has_cox(self) -> bool:
        """Return True when it can learn times by the partial likelihood of a batch."""

    @property
    def reads_sets(self) -> bool:
        """Return True when it learns from the sets of scans or tokens, where there are any."""

    def course(self, data: FoldData, *, seed: int, options: FitOptions) -> Course:
        """Ask for the networks of one head, round by round, and return the head.

        A round may be empty: whoever runs the course asks there whether to stop.

        Raises:
            TrainError: The parts cannot be learnt from; the message says what is missing.
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


def learnable_parts(data: FoldData) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that networks are trained on, and those that say when to stop.

    Raises:
        TrainError: A part has no labelled case, or the training part shows one class only.
    """
    train, val = data.usable(data.train), data.usable(data.val)
    check_learnable(data, train)
    if not len(val):
        raise TrainError("the validation part has no labelled case; raise `cohort.split.val_share`")
    return train, val


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
