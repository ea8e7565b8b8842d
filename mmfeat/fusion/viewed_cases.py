"""Cases as tensors on the device, with every view of each of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.cell_hider import CellHider
from mmfeat.fusion.contract import Features, FoldData
from mmfeat.fusion.views import visible_through


@dataclass(frozen=True)
class ViewedCases:
    """Hold features, labels and views of some cases.

    Shape:
        - ``features``: for each modality ``(cases, width)``, zero where it is not present.
        - ``present``: ``(cases, modalities)``.
        - ``labels``: ``(cases, columns)``, NaN where missing.
        - ``visible``: ``(views, cases, modalities)``; ``takes_part``: ``(views, cases)``.
    """

    features: list[Tensor]
    present: Tensor
    labels: Tensor
    visible: Tensor
    takes_part: Tensor
    hiders: tuple[CellHider | None, ...]
    """For each modality, what hides cells of it in training."""

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.labels)

    def part(self, rows: Int[Tensor, " batch"]) -> "ViewedCases":
        """Return some of the cases."""
        return ViewedCases(
            [values[rows] for values in self.features],
            self.present[rows],
            self.labels[rows],
            self.visible[:, rows],
            self.takes_part[:, rows],
            self.hiders,
        )

    def with_gaps(self) -> "ViewedCases":
        """Return the cases with cells of their records hidden at random, other ones each time."""
        features = [
            values if hider is None else hider(values, present)
            for values, hider, present in zip(
                self.features, self.hiders, self.present.T, strict=True
            )
        ]
        return replace(self, features=features)

    def pairs(
        self,
    ) -> tuple[Int[Tensor, " pairs"], Int[Tensor, " pairs"], Bool[Tensor, "pairs modalities"]]:
        """Return view, row and what is visible for each pair of a view and a case in it."""
        view, row = self.takes_part.nonzero(as_tuple=True)
        return view, row, self.visible[view, row]


def viewed_cases(
    data: FoldData, rows: NDArray[np.int64], views: NDArray[np.bool_], device: str
) -> ViewedCases:
    """Put the cases of some rows on the device."""
    present = data.present[rows]
    of_rows = {name: values[rows] for name, values in data.features.items()}
    on_device = torch.from_numpy(present).to(device)
    visible, takes_part = visible_through(torch.from_numpy(views).to(device), on_device)
    labels = torch.from_numpy(data.labels[rows].astype(np.float32)).to(device)
    dropouts = [data.cell_dropout.get(name) for name in data.modalities]
    hiders = tuple(None if one is None else CellHider(one, device) for one in dropouts)
    features = as_tensors(of_rows, present, device)
    return ViewedCases(features, on_device, labels, visible, takes_part, hiders)


def as_tensors(features: Features, visible: NDArray[np.bool_], device: str = "cpu") -> list[Tensor]:
    """Return the features as tensors, zero where not visible: what is hidden cannot count."""
    return [
        torch.from_numpy(np.where(visible[:, [position]], values, np.float32(0))).to(device)
        for position, values in enumerate(features.values())
    ]


def mean_over_each_view(
    losses: Float[Tensor, "pairs columns"],
    labels: Float[Tensor, "pairs columns"],
    view: Int[Tensor, " pairs"],
    n_views: int,
) -> Float[Tensor, " views"]:
    """Return each view's mean over its known labels; 0 for a view without any.

    Shape:
        - ``losses``: ``(pairs, columns)``, zero where the label is missing; ``view``: ``(pairs,)``.
    """
    n_known = (~labels.isnan()).sum(1).to(losses.dtype)
    totals = losses.new_zeros(n_views).index_add(0, view, losses.sum(1))
    counts = losses.new_zeros(n_views).index_add(0, view, n_known)
    return totals / counts.clamp(min=1.0)


def logits_in_chunks(
    forward: Callable[[list[Tensor], Tensor, Tensor], Tensor],
    features: Features,
    visible: NDArray[np.bool_],
    *,
    chunk: int = 4096,
) -> NDArray[np.float64]:
    """Run a network over cases seen through one mask each: ``(cases, outputs)``, on the CPU."""
    results = []
    for start in range(0, len(visible), chunk):
        seen = visible[start : start + chunk]
        part = {name: values[start : start + chunk] for name, values in features.items()}
        with torch.inference_mode():
            logits = forward(
                as_tensors(part, seen), torch.arange(len(seen)), torch.from_numpy(seen)
            )
        results.append(logits.double().numpy())
    return np.concatenate(results)
