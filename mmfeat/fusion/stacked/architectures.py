"""What a network must offer so that many of one shape can be trained at once."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.hidden_units import HiddenUnits

Parameters = Mapping[str, Tensor]
"""For each parameter of the module, by its name there, ``(heads, *shape)``."""


@runtime_checkable
class StackableArchitecture(Protocol):
    """Build a network alone, and compute many of them together; equal ones can share a stack."""

    @property
    def widest_hidden(self) -> int:
        """Return the largest number of values of one case and view that dropout hides among."""

    @property
    def n_hiding_layers(self) -> int:
        """Return how many layers dropout hides in."""

    def build(self, dropout: float = 0.0) -> nn.Module:
        """Build one network from torch's generator: what a head starts from and ends as."""

    def outputs(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch outputs"]:
        """Return what each head's own module would of its cases through every view.

        Args:
            parameters: Of all heads.
            batch: The cases.
            hide: Dropout; None in evaluation.
        """


@runtime_checkable
class RepresentingArchitecture(StackableArchitecture, Protocol):
    """Represent each case through every view before the last layer answers."""

    def represent(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch hidden"]:
        """Return the representations of every head, as its module's ``represent`` does."""
