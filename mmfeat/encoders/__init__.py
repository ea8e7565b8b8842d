"""The table of volume encoders, and how one is made; nothing heavy is imported before its use."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.options import Value, nearest, resolve_options
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.errors import EncoderError

ENCODERS: dict[str, str] = {
    "ct-fm": "mmfeat.encoders.ct_fm:CtFm",
    "merlin": "mmfeat.encoders.merlin:Merlin",
    "astra": "mmfeat.encoders.resnet_recipes:ASTRA",
    "vista3d": "mmfeat.encoders.segmentation_recipes:VISTA3D",
    "suprem-segresnet": "mmfeat.encoders.segmentation_recipes:SUPREM_SEGRESNET",
    "suprem-swinunetr": "mmfeat.encoders.swin_recipes:SUPREM_SWINUNETR",
    "swinunetr-ssl": "mmfeat.encoders.swin_recipes:SWINUNETR_SSL",
    "voco-b": "mmfeat.encoders.swin_recipes:VOCO_B",
    "voco-l": "mmfeat.encoders.swin_recipes:VOCO_L",
    "voco-h": "mmfeat.encoders.swin_recipes:VOCO_H",
    "medicalnet-10": "mmfeat.encoders.resnet_recipes:MEDICALNET_10",
    "medicalnet-18": "mmfeat.encoders.resnet_recipes:MEDICALNET_18",
    "medicalnet-34": "mmfeat.encoders.resnet_recipes:MEDICALNET_34",
    "medicalnet-50": "mmfeat.encoders.resnet_recipes:MEDICALNET_50",
    "slices-lite0": "mmfeat.encoders.slices_lite0:SlicesLite0",
    "intensity-stats": "mmfeat.encoders.intensity_stats:IntensityStats",
    "random-segresnet": "mmfeat.encoders.segmentation_recipes:RANDOM_SEGRESNET",
}
"""Every encoder: its name, and the module and class, or recipe, that make it."""


def create(
    name: str,
    *,
    weights: Path | None = None,
    device: str = "auto",
    prepare_on: PrepareOn = "auto",
    options: Mapping[str, Value] | None = None,
) -> Encoder:
    """Make an encoder; its network is built only by `load`.

    Args:
        name: One of `ENCODERS`.
        weights: Local file with the weights, for encoders that need one.
        device: ``auto`` (the first GPU, or else the CPU) or torch's name of a device.
        prepare_on: Who prepares: ``auto``, the GPU where the network is on one; ``cpu`` or ``gpu``.
        options: The encoder's own options.

    Raises:
        EncoderError: The name, an option or the weights do not fit, or there is no GPU to prepare
            on; the message says what does.
    """
    if prepare_on == "gpu":
        sampler_for(prepare_on, device)  # refused here, not for each scan
    kind = encoder_class(name)
    resolved = resolve_options(name, kind.options, options or {})
    source = kind.weights_source
    if weights is None:
        if source is not None and source.file_needed:
            raise EncoderError(
                f"encoder {name}: needs `weights`, a local file: {source.where} ({source.licence})"
            )
        made = kind(device=device, prepare_on=prepare_on, **resolved)
    elif source is None or not (source.file_needed or source.file_taken):
        raise EncoderError(f"encoder {name}: takes no weights file; leave out `weights`")
    elif not weights.is_file():
        raise EncoderError(f"encoder {name}: weights {weights}: no such file; it is {source.where}")
    else:
        made = kind(weights=weights, device=device, prepare_on=prepare_on, **resolved)
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
