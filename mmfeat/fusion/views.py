"""Views: the sets of modalities that a network is asked to do with."""

from itertools import combinations

import numpy as np
import torch
from jaxtyping import Bool
from numpy.typing import NDArray
from torch import Tensor

ALL_SUBSETS_UP_TO = 4
"""With more modalities than this, the sets are sampled."""


def every_view(n_modalities: int) -> NDArray[np.bool_]:
    """Return all non-empty sets of modalities, single ones first and the full set last.

    Shape:
        - Output: ``(2**n_modalities - 1, n_modalities)``.

    Example:
        >>> every_view(2).astype(int).tolist()
        [[1, 0], [0, 1], [1, 1]]
    """
    sets = [
        members
        for size in range(1, n_modalities + 1)
        for members in combinations(range(n_modalities), size)
    ]
    views = np.zeros((len(sets), n_modalities), dtype=np.bool_)
    for row, members in enumerate(sets):
        views[row, list(members)] = True
    return views


def training_views(n_modalities: int, *, seed: int, n_sampled: int = 8) -> NDArray[np.bool_]:
    """Return the views that are supervised: all of them for up to four modalities.

    With more modalities: each alone, all together, and ``n_sampled`` others drawn by size and then
    at random.

    Shape:
        - Output: ``(views, n_modalities)``, no row twice, the full set last.
    """
    if n_modalities < 1:
        raise ValueError(f"n_modalities must be 1 or more, got {n_modalities}")
    if n_modalities <= ALL_SUBSETS_UP_TO:
        return every_view(n_modalities)
    random = np.random.default_rng(seed)
    drawn: set[tuple[int, ...]] = set()
    while len(drawn) < n_sampled:
        size = random.integers(2, n_modalities)
        drawn.add(tuple(sorted(random.choice(n_modalities, size, replace=False).tolist())))
    views = np.eye(n_modalities, dtype=np.bool_)
    others = np.array([[m in members for m in range(n_modalities)] for members in sorted(drawn)])
    return np.vstack([views, others, np.ones((1, n_modalities), dtype=np.bool_)])


def visible_through(
    views: Bool[Tensor, "views modalities"], present: Bool[Tensor, "batch modalities"]
) -> tuple[Bool[Tensor, "views batch modalities"], Bool[Tensor, "views batch"]]:
    """Say what each view leaves of each case, and which cases take part in it.

    A case takes part in a view that leaves it something, unless an earlier view leaves it the same:
    every set of modalities is seen once, so a case with one modality is not counted again under the
    fused view.

    Shape:
        - Output: visible ``(views, batch, modalities)`` and takes_part ``(views, batch)``.

    Raises:
        ValueError: A case has no modality at all.
    """
    if not bool(present.any(dim=1).all()):
        row = int((~present.any(dim=1)).nonzero()[0])
        raise ValueError(f"every case needs at least one modality, but row {row} has none")
    visible = views[:, None, :] & present[None, :, :]  # (views, batch, modalities)
    seen_before = torch.zeros(visible.shape[:2], dtype=torch.bool, device=present.device)
    for view in range(1, len(views)):
        seen_before[view] = (visible[:view] == visible[view]).all(-1).any(0)
    return visible, visible.any(-1) & ~seen_before


def sample_views(
    present: Bool[Tensor, "batch modalities"], generator: torch.Generator
) -> Bool[Tensor, "batch modalities"]:
    """Draw for each case one non-empty set of the modalities it has, all sets alike likely.

    Shape:
        - Input and output: ``(batch, modalities)``.
    """
    kept = torch.zeros_like(present)
    empty = torch.ones(len(present), dtype=torch.bool, device=present.device)
    while bool(empty.any()):
        coins = torch.rand(present.shape, generator=generator, device=generator.device) < 0.5
        kept = torch.where(empty[:, None], present & coins.to(present.device), kept)
        empty = ~kept.any(dim=1)
    return kept
