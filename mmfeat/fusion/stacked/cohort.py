"""What all heads of a stack are trained on, once on the device, however many folds share it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.stacked.cell_gaps import CellGaps, cell_gaps
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import Precision
from mmfeat.fusion.training.viewed_cases import as_tensors


@dataclass(frozen=True)
class StackedCohort:
    """Hold the cases of several folds; arrays that folds have in common are held once.

    Shape:
        - ``features``: for each modality ``(sets, cases, width)``, zero where it is not present.
        - ``present``: ``(sets, cases, modalities)``, of the same sets as the features.
        - ``labels``: ``(label sets, cases, columns)``, NaN where missing.
        - ``gaps``: for each modality, how cells of its records are hidden in training.
        - ``features_of``, ``labels_of``: for each fold, which set is its own.
    """

    features: tuple[Tensor, ...]
    present: Tensor
    labels: Tensor
    gaps: tuple[CellGaps | None, ...]
    features_of: Mapping[FoldData, int]
    labels_of: Mapping[FoldData, int]
    task: Task

    @property
    def n_cases(self) -> int:
        """Return the number of cases."""
        return self.present.shape[1]

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the widths of the modalities' features."""
        return tuple(values.shape[2] for values in self.features)


def stacked_cohort(
    folds: Sequence[FoldData], *, device: str, precision: Precision = "float32"
) -> StackedCohort:
    """Put folds on the device.

    Args:
        folds: Of the same cases, modalities and widths, and of one task; none of them twice.
        device: Where to.
        precision: The features' is that of the network; with bfloat16, labels stay float32.

    Raises:
        ValueError: The folds are not of one shape.
    """
    shapes = {(fold.task, len(fold.labels), *_widths(fold)) for fold in folds}
    if len(shapes) != 1:
        raise ValueError(f"folds of a stack must be of one shape, got {sorted(map(str, shapes))}")
    of_features, features_of = _distinct([_arrays(fold) for fold in folds])
    of_labels, labels_of = _distinct([(fold.labels,) for fold in folds])
    sets = [as_tensors(folds[own].arrays, folds[own].present, device) for own in of_features]
    dtype = torch.float64 if precision == "float64" else torch.float32
    of_network = torch.bfloat16 if precision == "bfloat16" else dtype
    gaps = [
        cell_gaps([folds[own].cell_dropout.get(name) for own in of_features], device, of_network)
        for name in folds[0].modalities
    ]
    return StackedCohort(
        tuple(torch.stack(values).to(of_network) for values in zip(*sets, strict=True)),
        torch.from_numpy(np.stack([folds[own].present for own in of_features])).to(device),
        torch.from_numpy(np.stack([folds[own].labels for own in of_labels])).to(device, dtype),
        tuple(gaps),
        dict(zip(folds, features_of, strict=True)),
        dict(zip(folds, labels_of, strict=True)),
        folds[0].task,
    )


def _arrays(fold: FoldData) -> tuple[NDArray[np.generic], ...]:
    """Return all arrays that decide what a head sees of the cases."""
    of_cells = [
        np.append(one.when_unknown, np.float32(one.largest_share))
        for one in fold.cell_dropout.values()
    ]
    return (fold.present, *fold.arrays.values(), *of_cells)


def _widths(fold: FoldData) -> list[tuple[str, int]]:
    return [(name, values.shape[1]) for name, values in fold.features.items()]


def _distinct(
    groups: Sequence[tuple[NDArray[np.generic], ...]],
) -> tuple[list[int], tuple[int, ...]]:
    """Return the numbers of the groups that differ from all before, and for each group its own."""
    first: list[int] = []
    own = []
    for number, group in enumerate(groups):
        same = (
            position
            for position, other in enumerate(first)
            if len(group) == len(groups[other]) and all(map(_equal, group, groups[other]))
        )
        position = next(same, len(first))
        if position == len(first):
            first.append(number)
        own.append(position)
    return first, tuple(own)


def _equal(left: NDArray[np.generic], right: NDArray[np.generic]) -> bool:
    return left is right or np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
