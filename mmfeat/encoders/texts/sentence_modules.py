"""What sentence-transformers does after the network, as its folder says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from mmfeat.errors import EncoderError

PoolingMode = Literal["mean", "cls"]
_OLD_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""How folders before sentence-transformers 6 name the poolings, each a yes or no."""


@dataclass(frozen=True)
class Pooling:
    """Say how the vectors of a text's tokens become one."""

    mode: PoolingMode
    """The ``mean`` of all tokens, those that the tokenizer adds included, or the first, ``cls``."""
    normalised: bool
    """Whether the vector is divided by its length."""
    config: str | None = None
    """File that says so, relative to the folder; None where none does."""


def read_pooling(
    folder: Path, modules: Sequence[Any], read: Callable[[str], Mapping[str, Any]]
) -> Pooling:
    """Return what the modules after the network do.

    Args:
        folder: The folder, for messages.
        modules: What ``modules.json`` holds.
        read: Reads a JSON file of the folder by its name.

    Raises:
        EncoderError: They do something that is not supported; the message names it.
    """
    kinds = [_kind(module) for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise EncoderError(
            f"{folder}: is made of {', '.join(kinds) or 'nothing'}; Transformer, Pooling and "
            "perhaps Normalize, in this order, are supported"
        )
    if modules[0].get("path"):
        raise EncoderError(
            f"{folder}: its network is in the folder `{modules[0]['path']}`; save the model again "
            "with a newer sentence-transformers"
        )
    file = f"{modules[1].get('path', '')}/config.json"
    config = read(file)
    mode = config.get("pooling_mode") or [
        name for key, name in _OLD_FLAGS.items() if config.get(key)
    ]
    modes = [mode] if isinstance(mode, str) else list(mode)
    for supported in get_args(PoolingMode):
        if modes == [supported]:
            return Pooling(supported, normalised=len(kinds) > 2, config=file)
    raise EncoderError(
        f"{folder}: pools by {' and '.join(map(str, modes)) or 'nothing'} ({file}); "
        f"{' and '.join(get_args(PoolingMode))} are supported, one at a time"
    )


def _kind(module: Any) -> str:  # noqa: ANN401 - JSON
    """Return the last part of a module's class, which has moved between packages."""
    return str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else ""
