"""AdamW for a stack: each head has its own rate, decay, schedule, clipping and count of steps."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

_BETAS = 0.9, 0.999
_EPSILON = 1e-8


@dataclass(frozen=True)
class StepSizes:
    """Hold each head's numbers: ``(heads,)``.

    The learning rate rises linearly over the warm-up and then, where ``follows_cosine``, falls to
    zero at the last step as half a cosine.
    """

    learning_rate: Float[Tensor, " heads"]
    weight_decay: Float[Tensor, " heads"]
    largest_norm: Float[Tensor, " heads"]
    """Longer gradients are shortened to it; infinite for none."""
    warmup_steps: Float[Tensor, " heads"]
    follows_cosine: Bool[Tensor, " heads"]
    n_steps: Float[Tensor, " heads"]

    def at(self, step: Int[Tensor, " heads"]) -> Float[Tensor, " heads"]:
        """Return the learning rates of each head's step, counted from 1."""
        before = (step - 1).to(self.n_steps.dtype)
        risen = ((before + 1) / (self.warmup_steps + 1)).clamp(max=1.0)
        falling = (before - self.warmup_steps) / (self.n_steps - self.warmup_steps).clamp(min=1.0)
        cosine = (1 + torch.cos(torch.pi * falling.clamp(0.0, 1.0))) / 2
        return self.learning_rate * risen * torch.where(self.follows_cosine, cosine, 1.0)


@dataclass(frozen=True)
class Moments:
    """Hold what AdamW remembers: ``(heads, length)`` twice, and ``(heads,)`` finished steps."""

    first: Float[Tensor, "heads length"]
    second: Float[Tensor, "heads length"]
    steps: Int[Tensor, " heads"]


@torch.no_grad()
def adamw_step(
    rows: Float[Tensor, "heads length"],
    gradients: Float[Tensor, "heads length"],
    moments: Moments,
    sizes: StepSizes,
    *,
    active: Bool[Tensor, " heads"],
    n_decayed: int,
    clips: bool,
) -> None:
    """Take one step in place, as `torch.optim.AdamW` does; heads that are not active stay.

    Args:
        rows: The parameters; the first ``n_decayed`` of each row decay.
        gradients: Of them.
        moments: Changed in place.
        sizes: Each head's numbers.
        active: Which heads take the step.
        n_decayed: Length of the part that decays.
        clips: Whether any head's gradients may have to be shortened.
    """
    beta, beta_of_squares = _BETAS
    moments.steps.add_(active)
    taken = moments.steps.clamp(min=1)
    # Small numbers for each head are computed in double, as torch's optimiser computes them.
    rate = torch.where(active, sizes.at(taken), 0.0)[:, None]
    correction = (1 - beta ** taken.double())[:, None]
    correction_of_squares = (1 - beta_of_squares ** taken.double()).sqrt()[:, None]
    if clips:
        norm = torch.linalg.vector_norm(gradients, dim=1).to(sizes.largest_norm.dtype)
        gradients = gradients * _of((sizes.largest_norm / (norm + 1e-6)).clamp(max=1.0), rows)
    moving = active.to(rows.dtype)[:, None]
    rows[:, :n_decayed].mul_((1 - rate * sizes.weight_decay[:, None]).to(rows.dtype))
    moments.first.lerp_(gradients, (1 - beta) * moving)
    moments.second.lerp_(gradients.square(), (1 - beta_of_squares) * moving)
    # The correction of the squares is multiplied through: two passes over the rows fewer.
    root = moments.second.sqrt().add_((_EPSILON * correction_of_squares).to(rows.dtype))
    length = rate * correction_of_squares / correction
    rows.addcmul_(moments.first / root, -length.to(rows.dtype))


def _of(numbers: Float[Tensor, " heads"], rows: Float[Tensor, "heads length"]) -> Tensor:
    return numbers.to(rows.dtype)[:, None]
