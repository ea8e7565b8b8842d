"""Hide cells of the records in a batch, as a network meets them in training."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mmfeat.fusion.cell_dropout import CellDropout


class CellHider:
    """Hide cells of a batch of cases, as a network meets them in training.

    Example:
        >>> import numpy as np
        >>> dropout = CellDropout(np.array([0, 0, 1]), np.zeros(3, np.float32), 0.5)
        >>> hidden = CellHider(dropout, "cpu")(torch.ones(4, 3), torch.zeros(4, dtype=torch.bool))
        >>> bool((hidden == 1).all())
        True
    """

    def __init__(self, dropout: CellDropout, device: str) -> None:
        self._column_of = torch.from_numpy(dropout.column_of).to(device)
        self._when_unknown = torch.from_numpy(dropout.when_unknown).to(device)
        self._n_columns = int(dropout.column_of.max()) + 1
        self._largest_share = dropout.largest_share

    def __call__(
        self, features: Float[Tensor, "batch width"], present: Bool[Tensor, " batch"]
    ) -> Float[Tensor, "batch width"]:
        """Return the features with cells hidden of the cases that have a record."""
        n_cases, device = len(features), features.device
        shares = self._largest_share * torch.rand(n_cases, 1, device=device)
        hidden = torch.rand(n_cases, self._n_columns, device=device) < shares
        gone = hidden[:, self._column_of] & present[:, None]  # (batch, width)
        return torch.where(gone, self._when_unknown, features)
