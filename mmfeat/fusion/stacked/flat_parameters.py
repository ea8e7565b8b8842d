"""All parameters of a stack in one tensor: a row for each head, a stretch for each parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import torch
from jaxtyping import Float
from torch import Tensor, nn

_ALIGNED = 8
"""Every stretch starts at a multiple of so many numbers: what a GPU's fast loads ask for."""


@dataclass(frozen=True)
class Stretch:
    """Say where one parameter lies in a head's row."""

    name: str
    shape: tuple[int, ...]
    start: int
    is_trained: bool

    @property
    def stop(self) -> int:
        """Return the first position after it."""
        return self.start + prod(self.shape)


@dataclass(frozen=True)
class FlatLayout:
    """Say how the parameters of networks of one shape lie in a row of numbers.

    Parameters that decay come first. Scales, shifts and tokens, which have one axis, do not decay:
    zero is no better a place for them than any other.
    """

    stretches: tuple[Stretch, ...]
    n_decayed: int
    length: int

    @classmethod
    def of(cls, network: nn.Module) -> "FlatLayout":
        """Lay out the parameters of a network.

        Raises:
            ValueError: The network has buffers, which no stack carries.
        """
        if buffers := [name for name, _ in network.named_buffers()]:
            raise ValueError(f"a network with buffers cannot be stacked: {', '.join(buffers)}")
        named = list(network.named_parameters())
        decays = [(name, p) for name, p in named if p.ndim > 1 and p.requires_grad]
        others = [(name, p) for name, p in named if not (p.ndim > 1 and p.requires_grad)]
        stretches, start, n_decayed = [], 0, 0
        for number, (name, parameter) in enumerate([*decays, *others], start=1):
            stretch = Stretch(name, tuple(parameter.shape), start, parameter.requires_grad)
            stretches.append(stretch)
            start = -(-stretch.stop // _ALIGNED) * _ALIGNED
            n_decayed = start if number == len(decays) else n_decayed
        return cls(tuple(stretches), n_decayed, start)

    @cached_property
    def trained(self) -> tuple[Stretch, ...]:
        """Return the stretches of the parameters that are trained."""
        return tuple(stretch for stretch in self.stretches if stretch.is_trained)

    def row(self, state: dict[str, Tensor]) -> Float[Tensor, " length"]:
        """Return the row of one network's parameters; what lies between the stretches is zero."""
        row = torch.zeros(self.length, dtype=next(iter(state.values())).dtype)
        for stretch in self.stretches:
            row[stretch.start : stretch.stop] = state[stretch.name].detach().flatten()
        return row

    def state(self, row: Float[Tensor, " length"]) -> dict[str, Tensor]:
        """Return one network's parameters, copied out of its row."""
        return {
            stretch.name: row[stretch.start : stretch.stop].clone().view(stretch.shape)
            for stretch in self.stretches
        }

    def views(self, rows: Float[Tensor, "heads length"]) -> dict[str, Tensor]:
        """Return the parameters of all heads, ``(heads, *shape)``, in the memory of the rows."""
        return {
            stretch.name: rows[:, stretch.start : stretch.stop].view(-1, *stretch.shape)
            for stretch in self.stretches
        }

    def gather(self, gradients: Sequence[Tensor], into: Float[Tensor, "heads length"]) -> None:
        """Write the gradients of the trained parameters, in their order, to their places."""
        places = [into[:, stretch.start : stretch.stop] for stretch in self.trained]
        torch._foreach_copy_(places, [gradient.reshape(len(into), -1) for gradient in gradients])
