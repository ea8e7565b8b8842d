"""The table of volume encoders, and how one is made; nothing heavy is imported before its use."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.options import Value, nearest, resolve_options
from mmfeat.errors import EncoderError

ENCODERS: dict[str, str] = {
    "ct-fm": "mmfeat.encoders.ct_fm:CtFm",
    "merlin": "mmfeat.encoders.merlin:Merlin",
    "slices-lite0": "mmfeat.encoders.slices_lite0:SlicesLite0",
    "intensity-stats": "mmfeat.encoders.intensity_stats:IntensityStats",
}
"""Every encoder: its name, and the module and class that make it."""


def create(
    name: str,
    *,
    weights: Path | None = None,
    device: str = "auto",
    options: Mapping[str, Value] | None = None,
) -> Encoder:
    """Make an encoder; its network is built only by `load`.

    Args:
        name: One of `ENCODERS`.
        weights: Local file with the weights, for encoders that need one.
        device: ``auto`` (the first GPU, or else the CPU) or torch's name of a device.
        options: The encoder's own options.

    Raises:
        EncoderError: The name, an option or the weights do not fit; the message says what does.
    """
    kind = encoder_class(name)
    resolved = resolve_options(name, kind.options, options or {})
    source = kind.weights_source
    if source is None or not source.file_needed:
        if weights is not None:
            raise EncoderError(f"encoder {name}: takes no weights file; leave out `weights`")
        made = kind(device=device, **resolved)
    elif weights is None:
        raise EncoderError(
            f"encoder {name}: needs `weights`, a local file: {source.where} ({source.licence})"
        )
    elif not weights.is_file():
        raise EncoderError(f"encoder {name}: weights {weights}: no such file; it is {source.where}")
    else:
        made = kind(weights=weights, device=device, **resolved)
    encoder: Encoder = made
    return encoder


def encoder_class(name: str) -> Any:  # noqa: ANN401 - classes that share class attributes, not a base
    """Return the class of an encoder, without building a network.

    Beside what an `Encoder` has, the class says what can be known before there is one: `summary`,
    `weights_source`, `options`, and by `recipe_of` the recipe under given options.

    Raises:
        EncoderError: There is no encoder of that name.
    """
    if name not in ENCODERS:
        raise EncoderError(
            f"unknown encoder `{name}`; {nearest(name, ENCODERS)}There are: {', '.join(ENCODERS)}"
        )
    module, _, attribute = ENCODERS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def identity(encoder: Encoder) -> dict[str, Any]:
    """Return everything that a feature of this encoder depends on, as plain JSON values."""
    return {
        "encoder": encoder.name,
        "recipe": encoder.recipe,
        "weights_sha256": encoder.weights_sha256,
        "embedding_size": encoder.embedding_size,
    }
