"""Layers whose weights differ from head to head."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def linear(
    values: Float[Tensor, "heads *rows width"],
    weight: Float[Tensor, "heads outputs width"],
    bias: Float[Tensor, "heads outputs"],
) -> Float[Tensor, "heads *rows outputs"]:
    """Apply each head's own linear layer, as `torch.nn.Linear` does."""
    flat = values.flatten(1, -2)
    result = torch.baddbmm(bias[:, None], flat, weight.transpose(1, 2))
    return result.view(*values.shape[:-1], -1)


def layer_norm(
    values: Float[Tensor, "heads *rows width"],
    weight: Float[Tensor, "heads width"],
    bias: Float[Tensor, "heads width"],
) -> Float[Tensor, "heads *rows width"]:
    """Apply each head's own layer norm, as `torch.nn.LayerNorm` does."""
    of_head = (len(weight), *[1] * (values.ndim - 2), weight.shape[1])
    normalised = functional.layer_norm(values, values.shape[-1:])
    return torch.addcmul(bias.view(of_head), normalised, weight.view(of_head))
