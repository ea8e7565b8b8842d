"""Small random weights in files laid out as the authors publish theirs."""

from collections.abc import Mapping
from pathlib import Path

import torch
from monai.networks.nets.segresnet_ds import SegResNetDS
from torch import Tensor

from mmfeat.encoders import encoder_class

from .random_tensors import random_tensors
from .recipe_files import SMALL_RECIPE_OPTIONS, SMALL_WIDTH, write_published
from .slice_folders import write_folder


def segresnet_state(seed: int = 0) -> dict[str, Tensor]:
    """Return the tensors of a whole SegResNetDS: CT-FM's encoder, and a decoder beside it."""
    with torch.device("meta"):
        network = SegResNetDS(
            in_channels=1,
            out_channels=2,
            blocks_down=(1, 2, 2, 4, 4),
            init_filters=SMALL_WIDTH["ct-fm"],
        )
    return random_tensors(network.state_dict(), seed)


def encoder_alone(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the encoder's tensors under the names that CT-FM's safetensors file has."""
    prefix = "encoder."
    return {key[len(prefix) :]: state[key] for key in state if key.startswith(prefix)}


def write_weights(encoder: str, folder: Path, seed: int = 0) -> Path | None:
    """Write the file that an encoder wants, with its small options; None when it wants none."""
    file = folder / f"{encoder}-{seed}.weights"
    if encoder in SMALL_WIDTH and encoder_class(encoder).weights_source is not None:
        return write_published(encoder, file, seed)
    if encoder == "transformers-slices":
        return write_folder("dinov2", file, seed)
    if encoder in WITH_PACKAGE:
        file.write_text(f"digested and never loaded: {seed}")
        return file
    return None


WITH_PACKAGE = ("spectre", "spectre-crops", "colipri", "timm-slices")
"""Their networks are in optional packages; tests/authors loads and runs them."""
SMALL_OPTIONS = {
    **SMALL_RECIPE_OPTIONS,
    "slices-lite0": {"max_slices": 6},
    "transformers-slices": {"planes": "all", "max_slices": 4, "slice_feature": "raptor"},
}
"""Options under which the files of `write_weights` fit, or tests are fast; other encoders bring
their weights."""
