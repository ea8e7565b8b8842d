"""Which set of modalities a row shows, as tensors: the same as `modality_sets`, for every row."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmfeat.fusion.modality_sets import Members
from mmfeat.fusion.views import every_view

MOST_MODALITIES = 6
"""A module has a branch for each set; with more modalities there would be too many."""


def all_sets(n_modalities: int) -> tuple[Members, ...]:
    """Return every non-empty set of modalities.

    Raises:
        ValueError: There are too many modalities.
    """
    if n_modalities > MOST_MODALITIES:
        raise ValueError(f"at most {MOST_MODALITIES} modalities can be told apart")
    return tuple(tuple(view.nonzero()[0].tolist()) for view in every_view(n_modalities))


def codes_of(visible: Bool[Tensor, "rows modalities"]) -> Int[Tensor, " rows"]:
    """Return a number for the set that each row shows.

    Example:
        >>> codes_of(torch.tensor([[True, False], [True, True]])).tolist()
        [1, 3]
    """
    powers = torch.tensor([2**place for place in range(visible.shape[1])])
    return (visible.to(torch.int64) * powers).sum(1)


def code_of(members: Members) -> int:
    """Return the number of a set.

    Example:
        >>> code_of((0, 1))
        3
    """
    return sum(2**member for member in members)


def chosen_by_set(
    codes: Int[Tensor, " rows"], of_sets: dict[int, Float[Tensor, "rows outputs"]]
) -> Float[Tensor, "rows outputs"]:
    """Return for each row what was computed for the set that it shows.

    Args:
        codes: The set of each row.
        of_sets: For each set, by its number, what it would answer in every row.
    """
    found = torch.zeros_like(next(iter(of_sets.values())))
    for code, values in of_sets.items():
        found = torch.where((codes == code)[:, None], values, found)
    return found
