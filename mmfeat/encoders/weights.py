"""Read an encoder's weights from a local file, without ever running code from it, and load them strictly."""

import logging
import pickle
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from mmfeat.errors import EncoderError, one_line

if TYPE_CHECKING:
    from torch import Tensor, nn

_log = logging.getLogger(__name__)
_SHOWN = 3
"""How many keys of each kind an error names."""


def read_state_dict(file: Path, *, wrapped_in: Sequence[str] = ()) -> dict[str, "Tensor"]:
    """Read named tensors from a safetensors file, or from a PyTorch checkpoint with ``weights_only``.

    The kind of file is seen from its first bytes, whatever its name.

    Args:
        file: The file.
        wrapped_in: Keys under which a checkpoint may hold the tensors, beside an optimiser and the like; the
            first one found is opened, once.

    Raises:
        EncoderError: The file is missing, torn, of another kind, or holds more than tensors.
    """
    content = _read(file)
    wrapper = next((key for key in wrapped_in if isinstance(content.get(key), Mapping)), None)
    tensors = content if wrapper is None else content[wrapper]
    foreign = next((key for key, value in tensors.items() if not torch.is_tensor(value)), None)
    if foreign is not None:
        kind = type(tensors[foreign]).__name__
        raise EncoderError(
            f"{file}: `{foreign}` is a {kind}, not a tensor; give a file with the state dict alone"
        )
    if not tensors:
        raise EncoderError(f"{file}: holds no tensors; download it again")
    return dict(tensors)


def strip_prefix(state: Mapping[str, "Tensor"], prefixes: Sequence[str]) -> dict[str, "Tensor"]:
    """Return the tensors under the first prefix that occurs, named without it; all when none does.

    Other parts of a larger model, such as its decoder, are left out; the log says how many tensors.

    Example:
        >>> strip_prefix({"encoder.a": torch.tensor(1), "head.b": torch.tensor(2)}, ["encoder."])
        {'a': tensor(1)}
    """
    for prefix in prefixes:
        kept = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
        if kept:
            _log.info("%d tensors outside `%s` are not used", len(state) - len(kept), prefix)
            return kept
    return dict(state)


def load_strictly(module: "nn.Module", state: Mapping[str, "Tensor"], source: Path) -> None:
    """Give a module all its parameters and buffers from a state dict, as float32.

    Nothing of the module stays as it was initialised, so it may have been built on the meta device.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape; the first ones are named.
    """
    wanted = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in state.items()}
    differences = {
        "missing": [key for key in wanted if key not in found],
        "unexpected": [key for key in found if key not in wanted],
        "of another shape": [
            f"{key} {_size(found[key])} instead of {_size(size)}"
            for key, size in wanted.items()
            if key in found and found[key] != size
        ],
    }
    faults = [_named(kind, keys) for kind, keys in differences.items() if keys]
    if faults:
        raise EncoderError(
            f"{source}: not the weights of this encoder: {'; '.join(faults)}; "
            "`mmfeat encoders show` says where the authors publish them"
        )
    floats = {
        key: value.float() if value.is_floating_point() else value for key, value in state.items()
    }
    module.load_state_dict(floats, strict=True, assign=True)


def _read(file: Path) -> Mapping[str, object]:
    if not file.is_file():
        raise EncoderError(f"{file}: no such file; give the file with the encoder's weights")
    with file.open("rb") as stream:
        head = stream.read(9)
    try:
        if head[8:] == b"{":
            return load_file(file)
        if head.startswith((b"PK", b"\x80")):
            return _checkpoint(file)
    except (SafetensorError, EOFError, RuntimeError, zipfile.BadZipFile, ValueError) as error:
        raise EncoderError(
            f"{file}: torn or damaged ({one_line(error)}); download it again"
        ) from error
    raise EncoderError(
        f"{file}: neither a safetensors file nor a PyTorch checkpoint; download it again"
    )


def _checkpoint(file: Path) -> Mapping[str, object]:
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise EncoderError(
            f"{file}: cannot be read as tensors alone, and anything else in it could run code, so it is not "
            "loaded; save its state dict as safetensors, in an environment where you trust it"
        ) from error
    if not isinstance(content, Mapping):
        raise EncoderError(
            f"{file}: holds a {type(content).__name__}, not a state dict; save the model's state dict"
        )
    return content


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape) or "scalar"


def _named(kind: str, keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"{kind}: {', '.join(keys[:_SHOWN])}{more}"
