"""Read a published network of tables from a local file: settings and tensors, and no code."""

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from mmfeat.errors import RecordError, one_line
from mmfeat.torn_tensors import TORN_TENSORS


@dataclass(frozen=True)
class Checkpoint:
    """Hold what a file says of its network."""

    file: Path
    config: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    architecture: str | None
    """Name of the architecture, where the file has one."""


def read_checkpoint(file: Path) -> Checkpoint:
    """Read a checkpoint with ``config`` and ``state_dict``, or a safetensors file with a header.

    Raises:
        RecordError: The file is missing, torn, of another kind, or holds more than plain values.
    """
    if not file.is_file():
        raise RecordError(f"{file}: no such file; `encoder_weights` names the published weights")
    try:
        content = _safetensors(file) if file.suffix == ".safetensors" else _pickled(file)
    except pickle.UnpicklingError as error:
        raise RecordError(
            f"{file}: torn, or holds more than tensors and plain values, which could run code and "
            "is not loaded; download it again"
        ) from error
    except TORN_TENSORS as error:
        raise RecordError(
            f"{file}: torn or damaged ({one_line(error)}); download it again"
        ) from error
    config, tensors = content.get("config"), content.get("state_dict")
    if not isinstance(config, Mapping) or not isinstance(tensors, Mapping):
        raise RecordError(
            f"{file}: has no `config` and `state_dict`, so it is not such a checkpoint; give the "
            "file as it was published"
        )
    return Checkpoint(file, config, tensors, content.get("architecture_name"))


def load_strictly(network: torch.nn.Module, checkpoint: Checkpoint) -> torch.nn.Module:
    """Give a network all its tensors, and return it frozen.

    Raises:
        RecordError: One is missing, left over or of another shape.
    """
    try:
        network.load_state_dict(dict(checkpoint.tensors), strict=True)
    except (RuntimeError, LookupError, AttributeError) as error:
        raise RecordError(
            f"{checkpoint.file}: its tensors are not those of its network ({one_line(error)}); "
            "give the file as it was published"
        ) from error
    return network.float().eval().requires_grad_(requires_grad=False)


def _safetensors(file: Path) -> Mapping[str, Any]:
    with safe_open(file, framework="pt") as opened:
        header = {key: json.loads(value) for key, value in (opened.metadata() or {}).items()}
        tensors = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    return {**header, "state_dict": tensors}


def _pickled(file: Path) -> Mapping[str, Any]:
    content = torch.load(file, map_location="cpu", weights_only=True)
    return content if isinstance(content, Mapping) else {}
