"""A memory of earlier batches for the contrastive loss, so that a small batch meets many cases."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import permutations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from mmfeat.losses.contrastive import label_agreement, pair_weights, sigmoid_contrastive_loss
from mmfeat.losses.kinds import LabelKind


@dataclass(frozen=True)
class ViewQueue:
    """Hold the latest cases of one view; nothing of it is ever changed in place.

    Shape:
        - ``directions``: ``(size, dim)``, rows of length 1 without a gradient, zero where empty.
        - ``labels``: ``(size, columns)``, NaN where empty.
        - ``cases``: ``(size,)``, the case's number, -1 where empty.
    """

    directions: Tensor
    labels: Tensor
    cases: Tensor
    next_place: int = 0
    """Where the next case goes; the oldest one is there once the queue is full."""

    @property
    def filled(self) -> Bool[Tensor, " size"]:
        """Say which places hold a case."""
        return self.cases >= 0

    def pushed(
        self,
        views: Float[Tensor, "batch dim"],
        labels: Float[Tensor, "batch columns"],
        cases: Int[Tensor, " batch"],
    ) -> "ViewQueue":
        """Return the queue with a batch behind it; the oldest cases make room, the newest stay."""
        size = len(self.cases)
        first = (self.next_place + max(0, len(cases) - size)) % size
        views, labels, cases = views[-size:], labels[-size:], cases[-size:]
        places = (first + torch.arange(len(cases), device=cases.device)) % size
        directions = functional.normalize(views.detach(), dim=-1).to(self.directions.dtype)
        return ViewQueue(
            self.directions.index_copy(0, places, directions),
            self.labels.index_copy(0, places, labels.to(self.labels.dtype)),
            self.cases.index_copy(0, places, cases),
            (first + len(cases)) % size,
        )


_FIELDS = tuple(field.name for field in fields(ViewQueue))


@dataclass(frozen=True)
class MemoryBank:
    """Hold one queue for each view.

    A batch is compared with the bank and put into it afterwards: ``with_batch`` makes a new bank,
    so that what the backward pass reads is what the forward pass read.

    Example:
        >>> bank = MemoryBank.empty(n_views=1, size=3, dim=2, n_columns=1)
        >>> views, labels = torch.tensor([[[3.0, 4.0], [0.0, 2.0]]]), torch.tensor([[1.0], [0.0]])
        >>> everyone = torch.ones(1, 2, dtype=torch.bool)
        >>> filled = bank.with_batch(views, everyone, labels, torch.tensor([7, 8]))
        >>> filled.queues[0].cases.tolist(), bank.queues[0].cases.tolist()
        ([7, 8, -1], [-1, -1, -1])
    """

    queues: tuple[ViewQueue, ...]

    @classmethod
    def empty(
        cls, *, n_views: int, size: int, dim: int, n_columns: int, device: str = "cpu"
    ) -> "MemoryBank":
        """Return a bank that remembers ``size`` cases of each view, and none yet."""
        if size < 1:
            raise ValueError(f"size must be 1 or more, got {size}")
        queue = ViewQueue(
            torch.zeros(size, dim, device=device),
            torch.full((size, n_columns), float("nan"), device=device),
            torch.full((size,), -1, dtype=torch.int64, device=device),
        )
        return cls((queue,) * n_views)

    def state(self) -> dict[str, Tensor]:
        """Return everything in it by name, for a training that is to be gone on with."""
        return {
            f"{number}.{name}": torch.as_tensor(getattr(queue, name))
            for number, queue in enumerate(self.queues)
            for name in _FIELDS
        }

    @classmethod
    def of_state(cls, state: Mapping[str, Tensor]) -> "MemoryBank":
        """Return the bank whose ``state`` this is."""
        queues = []
        for number in range(len(state) // len(_FIELDS)):
            directions, labels, cases, place = (state[f"{number}.{name}"] for name in _FIELDS)
            queues.append(ViewQueue(directions, labels, cases, int(place)))
        return cls(tuple(queues))

    def with_batch(
        self,
        views: Float[Tensor, "views batch dim"],
        takes_part: Bool[Tensor, "views batch"],
        labels: Float[Tensor, "batch columns"],
        cases: Int[Tensor, " batch"],
    ) -> "MemoryBank":
        """Return the bank with the batch in it: in each view's queue the cases that have the view.

        Shape:
            - ``views``: ``(views, batch, dim)``, of any length; ``cases``: ``(batch,)``, the number
              of each case in the training part.
        """
        return MemoryBank(
            tuple(
                queue.pushed(view[takes], labels[takes], cases[takes])
                for queue, view, takes in zip(self.queues, views, takes_part, strict=True)
            )
        )


def banked_contrastive_loss(
    views: Float[Tensor, "views batch dim"],
    takes_part: Bool[Tensor, "views batch"],
    labels: Float[Tensor, "batch columns"],
    cases: Int[Tensor, " batch"],
    bank: MemoryBank,
    *,
    kind: LabelKind,
    temperature: Float[Tensor, ""],
    bias: Float[Tensor, ""],
    balanced_pairs: bool,
) -> Float[Tensor, ""]:
    """Sum the loss over all pairs of views, each batch compared with itself and with the bank.

    Of a pair of views, each is compared with the other and what the bank holds of it; the pair's
    loss is the mean of the two. With an empty bank that is `views_contrastive_loss`. A case of the
    batch that the bank remembers from an earlier epoch is left out of the bank's side.

    Shape:
        - ``views``: ``(views, batch, dim)``; rows are brought to length 1 here.
        - ``takes_part``: ``(views, batch)``; ``labels``: ``(batch, columns)``, NaN where missing.
        - ``cases``: ``(batch,)``, as given to ``MemoryBank.with_batch``.
        - Output: a scalar; zero, still attached to the graph, when there is no pair.
    """
    directions = functional.normalize(torch.where(takes_part[..., None], views, 0.0), dim=-1)
    total = directions.sum() * 0.0
    for left, right in permutations(range(len(views)), 2):
        queue = bank.queues[right]
        is_earlier = queue.filled & ~torch.isin(queue.cases, cases)
        remembered = torch.where(is_earlier[:, None], queue.labels, float("nan"))
        others = torch.cat([labels, remembered.to(labels.dtype)])  # (batch + size, columns)
        agreement = label_agreement(labels, kind, others)
        weights = pair_weights(labels, agreement, kind, others) if balanced_pairs else None
        total = total + sigmoid_contrastive_loss(
            directions[left],
            torch.cat([directions[right], queue.directions.to(directions.dtype)]),
            agreement,
            temperature=temperature,
            bias=bias,
            left_present=takes_part[left],
            right_present=torch.cat([takes_part[right], is_earlier]),
            weights=weights,
        )
    return total / 2
