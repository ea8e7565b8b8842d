"""Small random weights in files laid out as the authors publish theirs."""

from collections.abc import Mapping
from pathlib import Path

import torch
from monai.networks.nets.segresnet_ds import SegResNetDS
from safetensors.torch import save_file
from torch import Tensor

from mmfeat.encoders import encoder_class
from mmfeat.encoders.modules import merlin_features

from .random_tensors import random_tensors
from .recipe_files import SMALL_RECIPE_OPTIONS, SMALL_WIDTH, write_published

CT_FM_OPTIONS = {"init_filters": 2}
MERLIN_OPTIONS = {"base_width": 2, "blocks": "1-1-1-1"}


def segresnet_state(seed: int = 0) -> dict[str, Tensor]:
    """Return the tensors of a whole SegResNetDS: CT-FM's encoder, and a decoder beside it."""
    with torch.device("meta"):
        network = SegResNetDS(
            in_channels=1, out_channels=2, blocks_down=(1, 2, 2, 4, 4), **CT_FM_OPTIONS
        )
    return random_tensors(network.state_dict(), seed)


def encoder_alone(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the encoder's tensors under the names that CT-FM's safetensors file has."""
    prefix = "encoder."
    return {key[len(prefix) :]: state[key] for key in state if key.startswith(prefix)}


def merlin_state(seed: int = 0) -> dict[str, Tensor]:
    """Return tensors named as in Merlin's checkpoint: image model with its heads, text model."""
    network = merlin_features(2, (1, 1, 1, 1)).encoder
    heads = {
        "classifier.weight": torch.empty(1692, 64, 1, 1, 1),
        "classifier.bias": torch.empty(1692),
        "contrastive_head.weight": torch.empty(512, 64, 1, 1, 1),
        "contrastive_head.bias": torch.empty(512),
    }
    shapes = {
        f"encode_image.i3_resnet.{key}": like
        for key, like in (network.state_dict() | heads).items()
    }
    shapes["encode_text.linear_layer.weight"] = torch.empty(512, 768)
    return random_tensors(shapes, seed)


def write_weights(encoder: str, folder: Path, seed: int = 0) -> Path | None:
    """Write the file that an encoder wants, with its small options; None when it wants none."""
    file = folder / f"{encoder}-{seed}.weights"
    if encoder == "ct-fm":
        save_file(encoder_alone(segresnet_state(seed)), file)
    elif encoder == "merlin":
        torch.save(merlin_state(seed), file)
    elif encoder in SMALL_WIDTH and encoder_class(encoder).weights_source is not None:
        write_published(encoder, file, seed)
    else:
        return None
    return file


SMALL_OPTIONS: dict[str, dict[str, str | int]] = {
    "ct-fm": CT_FM_OPTIONS,
    "merlin": MERLIN_OPTIONS,
    **SMALL_RECIPE_OPTIONS,
}
"""Options under which the files of `write_weights` fit; other encoders bring their weights."""
