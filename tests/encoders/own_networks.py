"""Small networks of somebody else's, as files and folders that users may bring."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

RECIPE = """\
summary: a small network for tests
prepare:
  - orient: SPL
  - resample: {mm: 4}
  - intensity: {clip: [-1000, 1000], to: [0, 1]}
  - windows: {voxels: [8, 16, 16]}
input: {batch: any}
output: {shape: vector, size: 6}
facts: {body: any, code_licence: MIT, weights_licence: MIT}
"""

MODELING = """\
from pathlib import Path
import torch
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from .tiny_layers import Patches

MARK


class TinyConfig(PretrainedConfig):
    model_type = "tiny-ct"

    def __init__(self, width=6, **kwargs):
        self.width = width
        super().__init__(**kwargs)


class TinyModel(PreTrainedModel):
    config_class = TinyConfig

    def __init__(self, config):
        super().__init__(config)
        self.patches = Patches(config.width)
        self.post_init()

    def forward(self, pixel_values):
        tokens = self.patches(pixel_values)
        return BaseModelOutputWithPooling(last_hidden_state=tokens, pooler_output=tokens[:, 0])

    def extract_vision_feats(self, inputs):
        return self.patches(inputs["chest_ct"])[:, 0]
"""

LAYERS = """\
from torch import nn


class Patches(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv3d(1, width, (4, 8, 8), (4, 8, 8))
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        return self.norm(self.conv(x).flatten(2).transpose(1, 2))
"""


class Small(nn.Module):
    """From ``(windows, 1, 8, 16, 16)`` to ``(windows, 6)``."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.conv = nn.Conv3d(1, 6, 3, stride=2)
        generator = torch.Generator().manual_seed(seed)
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)

    def forward(self, windows: Tensor) -> Tensor:
        return torch.relu(self.conv(windows)).mean(dim=(2, 3, 4))


def small(seed: int = 0) -> nn.Module:
    return Small(seed).eval()


def export(
    network: nn.Module,
    file: Path,
    *,
    batch: int | None = None,
    size: tuple[int, ...] = (1, 8, 16, 16),
) -> Path:
    """Save a network by torch.export, for any number of windows or just as many."""
    kind = next(network.parameters()).dtype
    example = torch.zeros(batch or 2, *size, dtype=kind)
    dynamic = None if batch else ({0: torch.export.Dim("windows", min=1)},)
    program = torch.export.export(network, (example,), dynamic_shapes=dynamic)
    torch.export.save(program, file)
    return file


def write_folder(folder: Path, *, on_import: str = "", seed: int = 0) -> Path:
    """Write a folder of transformers whose model is defined by code in it."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    (folder / "modeling_tiny.py").write_text(MODELING.replace("MARK", on_import))
    (folder / "tiny_layers.py").write_text(LAYERS)
    config = {
        "model_type": "tiny-ct",
        "architectures": ["TinyModel"],
        "auto_map": {
            "AutoConfig": "modeling_tiny.TinyConfig",
            "AutoModel": "modeling_tiny.TinyModel",
        },
        "width": 6,
    }
    (folder / "config.json").write_text(json.dumps(config))
    generator = torch.Generator().manual_seed(seed)
    shapes = {"conv.weight": (6, 1, 4, 8, 8), "conv.bias": (6,), "norm.weight": (6,)}
    shapes["norm.bias"] = (6,)
    tensors = {
        f"patches.{name}": torch.randn(shape, generator=generator) for name, shape in shapes.items()
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def write_own(encoder: str, folder: Path, seed: int = 0) -> tuple[Path, Path]:
    """Write the weights and the recipe file of `exported` or `hub-folder`."""
    recipe = folder / f"{encoder}.yaml"
    take = "" if encoder == "exported" else "take: pooler_output, "
    recipe.write_text(RECIPE.replace("output: {", f"output: {{{take}"))
    weights = folder / f"{encoder}-{seed}{'.pt2' if encoder == 'exported' else ''}"
    if not weights.exists():
        make: Callable[[], object] = (
            (lambda: export(small(seed), weights))
            if encoder == "exported"
            else (lambda: write_folder(weights, seed=seed))
        )
        make()
    return weights, recipe


def without(folder: Path, name: str) -> Path:
    """Return a copy of a folder without one of its files."""
    copy = folder.with_name(f"{folder.name}-without")
    shutil.copytree(folder, copy)
    (copy / name).unlink()
    return copy
