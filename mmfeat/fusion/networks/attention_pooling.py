"""Gated attention pooling: a weighted mean of the vectors of a set, whose weights are learnt.

After Ilse, Tomczak and Welling, "Attention-based Deep Multiple Instance Learning", ICML 2018 (arXiv
1802.04712), equation 9.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmfeat.fusion.networks.bags import Bag


class AttentionPooling(nn.Module):
    """Pool each case's set to one vector of the same width.

    With ``x`` the vectors of a set::

        weights = softmax over the set of  w (tanh(V x) * sigmoid(U x))
        pooled = sum of weights * x

    NOTE: ``w`` starts at zero, so that the untrained pooling is the plain mean. ``V`` and ``U``
    have biases, as in the authors' code and not in their paper.

    Shape:
        - Input: the sets of a batch of cases. Output: ``(cases, width)``, zeros for an empty set.

    Example:
        >>> bag = Bag(torch.tensor([[1.0], [3.0]]), torch.tensor([0, 2, 2]))
        >>> AttentionPooling(1)(bag).tolist()
        [[2.0], [0.0]]
    """

    def __init__(self, width: int, *, d_attention: int = 128) -> None:
        super().__init__()
        self.values = nn.Linear(width, d_attention)
        self.gates = nn.Linear(width, d_attention)
        self.score = nn.Linear(d_attention, 1, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, bag: Bag) -> Float[Tensor, "cases width"]:
        """Return the pooled vector of each case."""
        return _sum_of_cases(self.weights(bag)[:, None] * bag.vectors, bag)

    def weights(self, bag: Bag) -> Float[Tensor, " vectors"]:
        """Return the weight of each vector; those of a case sum to 1."""
        gated = self.values(bag.vectors).tanh() * self.gates(bag.vectors).sigmoid()
        scores = self.score(gated)  # (vectors, 1)
        highest = torch.segment_reduce(scores.detach(), "max", lengths=bag.offsets.diff(), axis=0)
        exponentials = (scores - highest[bag.rows]).exp()
        shares: Tensor = exponentials / _sum_of_cases(exponentials, bag)[bag.rows]
        return shares[:, 0]


def _sum_of_cases(values: Float[Tensor, "vectors width"], bag: Bag) -> Float[Tensor, "cases width"]:
    total: Tensor = torch.segment_reduce(
        values, "sum", lengths=bag.offsets.diff(), axis=0, initial=0.0
    )
    return total
