"""Read weights from a local file, without ever running code from it, and load them strictly."""

import logging
import pickle
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from mmfeat.errors import EncoderError, one_line
from mmfeat.torn_tensors import TORN_TENSORS
from mmfeat.wording import first_and_more

_log = logging.getLogger(__name__)
_SHOWN = 3
"""How many keys of each kind an error names."""


def read_state_dict(file: Path, *, wrapped_in: Sequence[str] = ()) -> dict[str, Tensor]:
    """Read named tensors from a safetensors file or a PyTorch checkpoint.

    The kind of file is seen from its first bytes, whatever its name.

    Args:
        file: The file.
        wrapped_in: Keys under which a checkpoint may hold the tensors, beside an optimiser and the
            like; the first one found is opened, once.

    Raises:
        EncoderError: The file is missing, torn, of another kind, or holds more than tensors.
    """
    content = _read(file)
    for key in wrapped_in:
        inner = content.get(key)
        if isinstance(inner, Mapping):
            content = inner
            break
    tensors = {}
    for key, value in content.items():
        if not (isinstance(key, str) and torch.is_tensor(value)):
            raise EncoderError(
                f"{file}: `{key}` ({type(value).__name__}) is not a named tensor; give a file with "
                "the state dict alone"
            )
        tensors[key] = value
    if not tensors:
        raise EncoderError(f"{file}: holds no tensors; download it again")
    return tensors


def strip_prefix(state: Mapping[str, Tensor], prefixes: Sequence[str]) -> dict[str, Tensor]:
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


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], source: Path) -> None:
    """Give a module all its parameters and buffers from a state dict, as float32.

    Nothing of the module stays as it was initialised, so it may have been built on the meta device.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape; the first ones are named.
    """
    wanted = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in state.items()}
    raise_where_keys_differ(
        source,
        missing=[key for key in wanted if key not in found],
        unexpected=[key for key in found if key not in wanted],
        shapes={key: (found[key], size) for key, size in wanted.items() if key in found},
    )
    floats = {
        key: value.float() if value.is_floating_point() else value for key, value in state.items()
    }
    module.load_state_dict(floats, strict=True, assign=True)


def raise_where_keys_differ(
    source: Path,
    *,
    missing: Sequence[str],
    unexpected: Sequence[str],
    shapes: Mapping[str, tuple[Sequence[int], Sequence[int]]],
    hint: str = "`mmfeat encoders show` says where the authors publish them",
) -> None:
    """Raise when the tensors of a file are not exactly those of a network.

    Args:
        source: The file or folder.
        missing: Names that the network has, and the file has not.
        unexpected: Names that only the file has.
        shapes: Of names that both have, the shape in the file and that in the network.
        hint: What to do.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape; the first ones are named.
    """
    differences = {
        "missing": missing,
        "unexpected": unexpected,
        "of another shape": [
            f"{key} {_size(found)} instead of {_size(wanted)}"
            for key, (found, wanted) in shapes.items()
            if tuple(found) != tuple(wanted)
        ],
    }
    faults = [_named(kind, keys) for kind, keys in differences.items() if keys]
    if faults:
        raise EncoderError(
            f"{source}: not the weights of this encoder: {'; '.join(faults)}; {hint}"
        )


def _read(file: Path) -> Mapping[str, object]:
    if not file.is_file():
        raise EncoderError(f"{file}: no such file; give the file with the encoder's weights")
    with file.open("rb") as stream:
        head = stream.read(9)
    try:
        if head[8:] == b"{":
            tensors: dict[str, Tensor] = load_file(file)
            return tensors
        if head.startswith(b"PK"):
            _refuse_programs(file)
            return _checkpoint(file)
        if head.startswith(b"\x80"):  # as torch saved before version 1.6
            return _checkpoint(file)
    except TORN_TENSORS as error:
        raise EncoderError(
            f"{file}: torn or damaged ({one_line(error)}); download it again"
        ) from error
    raise EncoderError(
        f"{file}: neither a safetensors file nor a PyTorch checkpoint; download it again"
    )


def _refuse_programs(file: Path) -> None:
    """Raise when an archive is TorchScript, an exported program or anything else but tensors."""
    with zipfile.ZipFile(file) as archive:
        members = {PurePosixPath(name).name for name in archive.namelist()}
    if "data.pkl" not in members or "constants.pkl" in members:
        raise EncoderError(
            f"{file}: an archive, but not of a state dict (a saved program?); save the model's "
            "state dict"
        )


def _checkpoint(file: Path) -> Mapping[str, object]:
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise EncoderError(
            f"{file}: torn, or holds more than tensors, which could run code and is not loaded; "
            "download it again, or save its state dict as safetensors where you trust it"
        ) from error
    if not isinstance(content, Mapping):
        raise EncoderError(
            f"{file}: holds a {type(content).__name__}, not a state dict; save the model's state "
            "dict"
        )
    return content


def _size(shape: Sequence[int]) -> str:
    return " x ".join(str(length) for length in shape) or "scalar"


def _named(kind: str, keys: Sequence[str]) -> str:
    return f"{kind}: {first_and_more(keys, _SHOWN)}"
