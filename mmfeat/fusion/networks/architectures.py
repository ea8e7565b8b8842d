"""What a network must offer to be trained by the loop of one head."""

from typing import Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class Architecture(Protocol):
    """Build one network; descriptions that are equal build equal ones.

    The network's ``forward(features, rows, visible)`` answers pairs of a case and a view of it.

    Shape:
        - ``features``: for each modality ``(batch, width)``, or a `Bag` where the job reads sets.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, outputs)``.
    """

    def build(self, dropout: float = 0.0) -> nn.Module:
        """Build one network from torch's generator: what a head starts from and ends as.

        Parameters with one axis are not decayed in training: biases, norms, tokens.
        """
