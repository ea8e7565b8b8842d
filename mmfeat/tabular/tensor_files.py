"""Read everything in a PyTorch or safetensors file as arrays; no program in it is ever run."""

import json
import pickle
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import safe_open

from mmfeat.errors import FeaturesError, one_line
from mmfeat.tabular.exported_files import SAFETENSORS_KEY
from mmfeat.torn_tensors import TORN_TENSORS


def read_tensor_file(file: Path) -> object:
    """Return what a file holds, with each tensor as an array; floating-point ones as float32.

    Raises:
        FeaturesError: The file cannot be read, or holds more than tensors and plain containers.
    """
    try:
        if file.suffix.lower() == ".safetensors":
            return _read_safetensors(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that it looks like a program
            return _plain(torch.load(file, map_location="cpu", weights_only=True))
    except pickle.UnpicklingError as error:
        raise FeaturesError(
            f"{file}: torn, or holds more than tensors, which could run programs and is not "
            "loaded; save a dictionary of tensors by torch.save, or as safetensors"
        ) from error
    except (OSError, *TORN_TENSORS) as error:
        kind = "safetensors" if file.suffix.lower() == ".safetensors" else "a PyTorch file"
        raise FeaturesError(f"{file}: cannot be read as {kind} ({one_line(error)})") from error


def _read_safetensors(file: Path) -> Mapping[str, object]:
    with safe_open(file, framework="pt") as opened:
        content = {name: _plain(opened.get_tensor(name)) for name in opened.keys()}  # noqa: SIM118 - it is no mapping
        told = json.loads((opened.metadata() or {}).get(SAFETENSORS_KEY, "{}"))
    return {**content, **told}


def _plain(value: object) -> object:
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return (value.float() if value.is_floating_point() else value).numpy()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    return value
