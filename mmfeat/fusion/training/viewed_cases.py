"""Cases as tensors on the device, with every view of each of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.fusion.fold_data import Features, FoldData, Sets
from mmfeat.fusion.networks.bags import Bag
from mmfeat.fusion.training.ahead import ahead
from mmfeat.fusion.training.cell_hider import CellHider
from mmfeat.fusion.training.network_jobs import LossTerms
from mmfeat.fusion.training.streamed_rows import StreamedRows, block_order, in_parts
from mmfeat.fusion.views import visible_through
from mmfeat.tabular.stored_vectors import Vectors, rows_of

_Values = TypeVar("_Values", Tensor, Tensor | StreamedRows)


@dataclass(frozen=True)
class ViewedCases:
    """Hold features, labels and views of some cases.

    Shape:
        - ``features``: for each modality ``(cases, width)``, zero where it is not present; or the
          sets of all cases, or what stands for features that are not in memory.
        - ``present``: ``(cases, modalities)``.
        - ``labels``: ``(cases, columns)``, NaN where missing.
        - ``visible``: ``(views, cases, modalities)``; ``takes_part``: ``(views, cases)``.
        - ``offsets``: ``(views, cases, outputs)``, added to the logits; ``sample_weights``:
          ``(cases,)``; or None.
    """

    features: list[Tensor | Bag | StreamedRows]
    present: Tensor
    labels: Tensor
    visible: Tensor
    takes_part: Tensor
    hiders: tuple[CellHider | None, ...]
    """For each modality, what hides cells of it in training."""
    numbers: Tensor
    """``(cases,)``, the number of each case among those that were put on the device together."""
    offsets: Tensor | None = None
    sample_weights: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.labels)

    def part(self, rows: Int[Tensor, " batch"]) -> "ViewedCases":
        """Return some of the cases."""
        return ViewedCases(
            [
                values[rows] if isinstance(values, Tensor) else values.part(rows)
                for values in self.features
            ],
            self.present[rows],
            self.labels[rows],
            self.visible[:, rows],
            self.takes_part[:, rows],
            self.hiders,
            self.numbers[rows],
            None if self.offsets is None else self.offsets[:, rows],
            None if self.sample_weights is None else self.sample_weights[rows],
        )

    def batches(self, order: Int[Tensor, " cases"], batch_size: int) -> Iterator["ViewedCases"]:
        """Give the cases in this order, so many at once.

        Features that are not in memory are read a pool of batches at a time, the next one while the
        last is in use.
        """
        if self._streamed is None:
            for rows in in_parts(order, batch_size):
                yield self.part(rows)
            return
        n_in_pool = self._streamed.pool_rows(batch_size)
        for pool, positions in ahead(self._pool(rows) for rows in in_parts(order, n_in_pool)):
            for rows in in_parts(positions, batch_size):
                yield pool.part(rows)

    def shuffled(self, generator: torch.Generator, batch_size: int) -> Int[Tensor, " cases"]:
        """Return the cases in a random order; what is not in memory in shuffled blocks."""
        if self._streamed is None:
            return torch.randperm(len(self), generator=generator)
        n_in_pool = self._streamed.pool_rows(batch_size)
        return block_order(self._streamed, generator, n_in_pool=n_in_pool)

    @property
    def _streamed(self) -> StreamedRows | None:
        """Return the widest features that are not in memory."""
        streamed = [values for values in self.features if isinstance(values, StreamedRows)]
        return max(streamed, key=lambda values: values.width, default=None)

    def _pool(self, rows: Int[Tensor, " pool"]) -> tuple["ViewedCases", Int[Tensor, " pool"]]:
        """Read some cases in the order of their numbers, and say where each is in it."""
        in_order, positions = rows.sort()
        return self.part(in_order), positions.argsort()

    def with_gaps(self) -> "ViewedCases":
        """Return the cases with cells of their records hidden at random, other ones each time."""
        features = [
            hider(values, present) if hider and isinstance(values, Tensor) else values
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

    def weights(self) -> Float[Tensor, "views cases"]:
        """Return how much each case counts in each view, 0 where it does not take part."""
        counted = self.takes_part.to(self.labels.dtype)
        return counted if self.sample_weights is None else counted * self.sample_weights

    def spread(self, of_pairs: Float[Tensor, "pairs width"]) -> Float[Tensor, "views cases width"]:
        """Put what was computed for each pair to its place; 0 where a case takes no part."""
        view, row = self.takes_part.nonzero(as_tuple=True)
        everywhere = of_pairs.new_zeros(*self.takes_part.shape, of_pairs.shape[1])
        return everywhere.index_put((view, row), of_pairs)


def viewed_cases(
    data: FoldData,
    rows: NDArray[np.int64],
    views: NDArray[np.bool_],
    device: str,
    *,
    terms: LossTerms | None = None,
    reads_sets: bool = False,
) -> ViewedCases:
    """Put the cases of some rows on the device.

    Args:
        data: What the rows are of.
        rows: Which cases.
        views: ``(views, modalities)``, what they are seen through.
        device: Where to.
        terms: Offsets and weights of the cases, where there are any.
        reads_sets: Take the sets of the modalities that have them, instead of one vector each.
    """
    present = data.present[rows]
    on_device = torch.from_numpy(present).to(device)
    visible, takes_part = visible_through(torch.from_numpy(views).to(device), on_device)
    labels = torch.from_numpy(data.labels[rows].astype(np.float32)).to(device)
    dropouts = [data.cell_dropout.get(name) for name in data.modalities]
    hiders = tuple(None if one is None else CellHider(one, device) for one in dropouts)
    tensors = [
        _on_device(rows_of(values, rows), has, device)
        for values, has in zip(data.features.values(), present.T, strict=True)
    ]
    bags = _bags(data.sets, rows, device) if reads_sets else {}
    terms = terms or LossTerms()
    offsets, weights = terms.offsets, terms.sample_weights
    return ViewedCases(
        _with_bags(data.features, tensors, bags),
        on_device,
        labels,
        visible,
        takes_part,
        hiders,
        torch.arange(len(rows), device=device),
        None if offsets is None else _float32(offsets[:, rows], device),
        None if weights is None else _float32(weights[rows], device),
    )


def _float32(values: NDArray[np.float64], device: str) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(device)


def _on_device(values: Vectors, has: NDArray[np.bool_], device: str) -> Tensor | StreamedRows:
    """Return features as a tensor, zero where a case has them not; or what stands for it."""
    if not isinstance(values, np.ndarray):
        return StreamedRows(values, has, device)
    return torch.from_numpy(np.where(has[:, None], values, np.float32(0))).to(device)


def as_tensors(
    features: Mapping[str, NDArray[np.float32]], visible: NDArray[np.bool_], device: str = "cpu"
) -> list[Tensor]:
    """Return the features as tensors, zero where not visible: what is hidden cannot count."""
    return [
        torch.from_numpy(np.where(visible[:, [position]], values, np.float32(0))).to(device)
        for position, values in enumerate(features.values())
    ]


def _with_bags(
    features: Features, tensors: Sequence[_Values], bags: dict[str, Bag]
) -> list[_Values | Bag]:
    return [bags.get(name, values) for name, values in zip(features, tensors, strict=True)]


def _bags(sets: Sets, rows: NDArray[np.int64], device: str) -> dict[str, Bag]:
    """Return the sets of some of the cases."""
    bags = {}
    for name, scans in sets.items():
        counts = scans.counts[rows]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        places = np.repeat(scans.offsets[rows] - offsets[:-1], counts) + np.arange(offsets[-1])
        bags[name] = Bag(
            torch.from_numpy(scans.vectors[places]).to(device),
            torch.from_numpy(offsets).to(device),
        )
    return bags


def logits_in_chunks(
    forward: Callable[[Sequence[Tensor | Bag], Tensor, Tensor], Tensor],
    features: Features,
    visible: NDArray[np.bool_],
    *,
    sets: Sets | None = None,
    rows: NDArray[np.int64] | None = None,
    chunk: int = 4096,
) -> NDArray[np.float64]:
    """Run a network over cases seen through one mask each: ``(cases, outputs)``, on the CPU.

    Args:
        forward: The network.
        features: Of the cases.
        visible: ``(cases, modalities)``, what of each is seen.
        sets: Of the cases, where the network reads sets.
        rows: Which of the cases; all where None.
        chunk: How many cases at once.
    """
    rows = np.arange(len(visible)) if rows is None else rows
    results = []
    for start in range(0, len(rows), chunk):
        some = rows[start : start + chunk]
        seen = visible[some]
        part = {name: values[some] for name, values in features.items()}
        values_of = _with_bags(part, as_tensors(part, seen), _bags(sets or {}, some, "cpu"))
        with torch.inference_mode():
            logits = forward(values_of, torch.arange(len(seen)), torch.from_numpy(seen))
        results.append(logits.double().numpy())
    return np.concatenate(results)
