"""One step's cases for every head: features, labels, and each case through every view."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor


@dataclass(frozen=True)
class StackedBatch:
    """Hold as many cases for each head, of which some may have no weight.

    Every case stands in every view, so that shapes are the same in every step; ``weights`` is 0
    where a case does not take part in a view, and in the rows that only fill up a last batch.

    Shape:
        - ``features``: for each modality ``(heads, batch, width)``.
        - ``visible``: ``(heads, views, batch, modalities)``.
        - ``weights``: ``(heads, views, batch)``.
        - ``labels``: ``(heads, batch, columns)``, NaN where missing.
        - ``offsets``: ``(heads, views or 1, batch, outputs)``, added to the logits; or None.
    """

    features: Sequence[Float[Tensor, "heads batch _"]]
    visible: Bool[Tensor, "heads views batch modalities"]
    weights: Float[Tensor, "heads views batch"]
    labels: Float[Tensor, "heads batch columns"]
    offsets: Float[Tensor, "heads offset_views batch outputs"] | None


def through_views(
    values: Float[Tensor, "heads batch width"],
    token: Float[Tensor, "heads width"],
    visible: Bool[Tensor, "heads views batch"],
) -> Float[Tensor, "heads views batch width"]:
    """Return the values in every view, and the head's token where a view does not show them."""
    return torch.where(visible[..., None], values[:, None], token[:, None, None])
