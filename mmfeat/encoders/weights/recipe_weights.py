"""Give a network the weights that its recipe names: of a file, strictly, or drawn at random."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mmfeat.encoders.recipe import WeightsRecipe
from mmfeat.encoders.weights.state_dicts import load_strictly, read_state_dict, strip_prefix
from mmfeat.weights_store.digests import compare

_log = logging.getLogger(__name__)


def load_by_recipe(encoder: nn.Module, recipe: WeightsRecipe, file: Path) -> None:
    """Load a published file: every tensor that is not left out by name has to fit.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape; the first ones are named.
    """
    difference = compare(file, recipe.published).difference
    if difference is not None:
        _log.warning("%s; its tensors are checked all the same", difference)
    state = read_state_dict(file, wrapped_in=recipe.wrapped_in)
    load_strictly(encoder, tensors_used(state, recipe), file)


def tensors_used(state: Mapping[str, Tensor], recipe: WeightsRecipe) -> dict[str, Tensor]:
    """Return what a recipe uses of a checkpoint, under the names of MONAI's class.

    Example:
        >>> recipe = WeightsRecipe(
        ...     under=(("module.",), ("swin.",)), renamed=((".fc1.", ".l."),)
        ... )
        >>> tensors_used({"module.swin.a.fc1.b": torch.tensor(1), "module.head": 2}, recipe)
        {'a.l.b': tensor(1)}
    """
    used = dict(state)
    for prefixes in recipe.under:
        used = strip_prefix(used, prefixes)
    if recipe.without:
        left_out = [key for key in used if key.startswith(recipe.without)]
        _log.info("%d tensors of heads and decoders are not used", len(left_out))
        used = {key: value for key, value in used.items() if key not in left_out}
    for theirs, ours in recipe.renamed:
        used = {key.replace(theirs, ours): value for key, value in used.items()}
    return used


def give_random_weights(encoder: nn.Module, *, seed: int) -> None:
    """Draw the kernels of a network as He et al. do; norms and biases pass values on unchanged.

    The generator is numpy's, whose numbers do not change with the version of torch.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = {}
    for name, like in encoder.state_dict().items():
        if like.ndim > 1:
            fan_in = like[0].numel()
            values = generator.standard_normal(tuple(like.shape), np.float32)
            drawn[name] = torch.from_numpy(values * np.float32((2 / fan_in) ** 0.5))
        elif name.endswith(("weight", "running_var")):
            drawn[name] = torch.ones(like.shape)
        else:
            drawn[name] = torch.zeros(like.shape, dtype=like.dtype)
    load_strictly(encoder, drawn, Path("random weights"))
