"""Small networks of transformers with random weights, as folders like those of the hub."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file

from .random_tensors import random_tensors

_TINY = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 28,
    "patch_size": 14,
}
_TEXT = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": 50,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
_STAGES = {"hidden_sizes": [4, 8, 12, 16], "depths": [1, 1, 1, 1]}
NETWORKS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "dinov2": ("Dinov2Model", "Dinov2Config", _TINY, 28),
    "dinov2 of one channel": ("Dinov2Model", "Dinov2Config", _TINY | {"num_channels": 1}, 28),
    "dinov2 with registers": ("Dinov2WithRegistersModel", "Dinov2WithRegistersConfig", _TINY, 28),
    "dinov3": ("DINOv3ViTModel", "DINOv3ViTConfig", _TINY | {"num_register_tokens": 4}, 28),
    "dinov3 convnext": ("DINOv3ConvNextModel", "DINOv3ConvNextConfig", _STAGES, 64),
    "vit": ("ViTModel", "ViTConfig", _TINY, 28),
    "clip": ("CLIPModel", "CLIPConfig", {"vision_config": _TINY, "text_config": _TEXT}, 28),
    "clip vision": ("CLIPVisionModel", "CLIPVisionConfig", _TINY, 28),
    "siglip": ("SiglipModel", "SiglipConfig", {"vision_config": _TINY, "text_config": _TEXT}, 28),
    "siglip vision": ("SiglipVisionModel", "SiglipVisionConfig", _TINY, 28),
    "swin": (
        "SwinModel",
        "SwinConfig",
        {"embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "image_size": 32, "window_size": 4},
        32,
    ),
    "convnext": ("ConvNextModel", "ConvNextConfig", _STAGES, 64),
    "convnextv2": ("ConvNextV2Model", "ConvNextV2Config", _STAGES, 64),
    "resnet": (
        "ResNetModel",
        "ResNetConfig",
        {"embedding_size": 4, "hidden_sizes": [8, 16], "depths": [1, 1]},
        64,
    ),
}
"""By a name of ours: class, class of its settings, settings of a small one, side of its images."""
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}


def make_network(name: str, seed: int = 0) -> Any:
    """Return a small network with random weights."""
    model, settings, values, _ = NETWORKS[name]
    with torch.random.fork_rng(devices=[]):
        network = getattr(transformers, model)(getattr(transformers, settings)(**values)).eval()
    network.load_state_dict(random_tensors(network.state_dict(), seed))
    return network


def write_folder(
    name: str,
    folder: Path,
    seed: int = 0,
    *,
    preprocessor: Mapping[str, Any] | None = None,
    saved: Callable[[Any], Any] = lambda network: network,
) -> Path:
    """Write a network as its authors would; ``saved`` may put it into a larger one first."""
    reports = transformers.utils.logging
    reports.disable_progress_bar()
    saved(make_network(name, seed)).save_pretrained(folder)
    side = NETWORKS[name][3]
    usual = {"size": {"shortest_edge": side + 4}, "crop_size": {"height": side, "width": side}}
    content = {**usual, **IMAGENET, **(preprocessor or {})}
    (folder / "preprocessor_config.json").write_text(json.dumps(content))
    return folder


def rewrite_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    """Change the tensors of a folder."""
    from safetensors.torch import load_file

    file = folder / "model.safetensors"
    state = load_file(file)
    change(state)
    save_file(state, file)


def change_json(file: Path, **values: Any) -> None:
    """Set values of a JSON file; None removes one."""
    content = json.loads(file.read_text()) | values
    file.write_text(json.dumps({key: one for key, one in content.items() if one is not None}))
