"""The table of volume encoders, and how one is made; nothing heavy is imported before its use."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmfeat.encoders.contract import DeviceUsage, Embedding, Encoder, WindowFeatures, Windows
from mmfeat.encoders.options import (
    PRECISION,
    Option,
    Value,
    WeightsSource,
    nearest,
    resolve_options,
)
from mmfeat.encoders.plugins import (
    import_encoder,
    installed_encoder,
    installed_encoders,
    make_installed,
)
from mmfeat.encoders.preparing.preparation import Preparation
from mmfeat.encoders.preparing.sliding_windows import SlidingWindows
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.encoders.stepwise import Stepwise
from mmfeat.encoders.weights.found_weights import (
    FoundWeights,
    existing_weights,
    find_weights,
    missing_weights,
    refuse_changed,
)
from mmfeat.errors import EncoderError

__all__ = [
    "ENCODERS",
    "PRECISION",
    "DeviceUsage",
    "Embedding",
    "Encoder",
    "ModelFacts",
    "Option",
    "Preparation",
    "PrepareOn",
    "SlidingWindows",
    "Stepwise",
    "Value",
    "WeightsSource",
    "WindowFeatures",
    "Windows",
    "create",
    "encoder_class",
    "identity",
    "installed_encoders",
    "needs_point",
    "sampler_for",
    "weights_on_this_machine",
]
"""What other packages may rely on; docs/add-an-encoder.md names the modules beside it."""

ENCODERS: dict[str, str] = {
    "ct-fm": "mmfeat.encoders.recipes.ct_fm_recipes:CT_FM",
    "merlin": "mmfeat.encoders.recipes.resnet_recipes:MERLIN",
    "astra": "mmfeat.encoders.recipes.resnet_recipes:ASTRA",
    "vista3d": "mmfeat.encoders.recipes.segmentation_recipes:VISTA3D",
    "suprem-segresnet": "mmfeat.encoders.recipes.suprem_recipes:SUPREM_SEGRESNET",
    "suprem-swinunetr": "mmfeat.encoders.recipes.suprem_recipes:SUPREM_SWINUNETR",
    "swinunetr-ssl": "mmfeat.encoders.recipes.swin_recipes:SWINUNETR_SSL",
    "voco-b": "mmfeat.encoders.recipes.voco_recipes:VOCO_B",
    "voco-l": "mmfeat.encoders.recipes.voco_recipes:VOCO_L",
    "voco-h": "mmfeat.encoders.recipes.voco_recipes:VOCO_H",
    "medicalnet-10": "mmfeat.encoders.recipes.resnet_recipes:MEDICALNET_10",
    "medicalnet-18": "mmfeat.encoders.recipes.resnet_recipes:MEDICALNET_18",
    "medicalnet-34": "mmfeat.encoders.recipes.resnet_recipes:MEDICALNET_34",
    "medicalnet-50": "mmfeat.encoders.recipes.resnet_recipes:MEDICALNET_50",
    "fmcib": "mmfeat.encoders.recipes.fmcib_recipe:FMCIB",
    "spectre": "mmfeat.encoders.recipes.package_recipes:SPECTRE",
    "spectre-crops": "mmfeat.encoders.recipes.package_recipes:SPECTRE_CROPS",
    "colipri": "mmfeat.encoders.recipes.package_recipes:COLIPRI",
    "slices-lite0": "mmfeat.encoders.slices.slices_lite0:SlicesLite0",
    "transformers-slices": "mmfeat.encoders.slices.slice_recipes:TRANSFORMERS_SLICES",
    "timm-slices": "mmfeat.encoders.slices.slice_recipes:TIMM_SLICES",
    "exported": "mmfeat.encoders.own.own_networks:EXPORTED",
    "hub-folder": "mmfeat.encoders.own.own_networks:HUB_FOLDER",
    "intensity-stats": "mmfeat.encoders.statistics.intensity_stats:IntensityStats",
    "random-segresnet": "mmfeat.encoders.recipes.ct_fm_recipes:RANDOM_SEGRESNET",
}
"""Every encoder: its name, and the module and class, or recipe, that make it."""


def create(
    name: str,
    *,
    weights: Path | None = None,
    device: str = "auto",
    prepare_on: PrepareOn = "auto",
    options: Mapping[str, Value] | None = None,
    recipe_file: Path | None = None,
    trust_code: bool = False,
) -> Encoder:
    """Make an encoder; its network is built only by `load`.

    Args:
        name: One of `ENCODERS`, or of an installed package.
        weights: Local file or folder with the weights; without one, those that `find_weights`
            finds.
        device: ``auto`` (the first GPU, or else the CPU) or torch's name of a device.
        prepare_on: Who prepares: ``auto``, the GPU where the network is on one; ``cpu`` or ``gpu``.
        options: The encoder's own options.
        recipe_file: How a network of the user's own is fed: a file, or the name of a shipped one.
        trust_code: Whether code that the weights bring may be run, by `load` and later.

    Raises:
        EncoderError: The name, an option or the weights do not fit, or there is no GPU to prepare
            on; the message says what does.
        ConfigError: The recipe file cannot be read, or something in it is wrong.
    """
    if prepare_on == "gpu":
        sampler_for(prepare_on, device)  # refused here, not for each scan
    kind = encoder_class(name, recipe_file)
    arguments: dict[str, Any] = {"device": device, "prepare_on": prepare_on}
    arguments |= resolve_options(name, kind.options, options or {})
    if getattr(kind, "runs_code", False):
        arguments["trust_code"] = trust_code
    source: WeightsSource | None = kind.weights_source
    found = None if weights is not None or source is None else find_weights(name, source)
    if found is not None:
        weights = found.file
    if weights is not None:
        arguments["weights"] = existing_weights(name, source, weights)
    elif found is None and source is not None and source.file_needed:
        raise missing_weights(name, source)
    installed = installed_encoder(name, ENCODERS)
    encoder: Encoder = (
        kind(**arguments) if installed is None else make_installed(installed, kind, **arguments)
    )
    if found is not None and found.file is not None:
        refuse_changed(name, found, encoder.weights_sha256)
    return encoder


def weights_on_this_machine(name: str) -> FoundWeights | None:
    """Return where an encoder's weights are here; None when they are not, or it has none.

    Raises:
        EncoderError: There is no encoder of that name, or what is remembered is damaged.
    """
    source = encoder_class(name).weights_source
    return None if source is None else find_weights(name, source)


def encoder_class(name: str, recipe_file: Path | None = None) -> Any:  # noqa: ANN401 - classes that share class attributes, not a base
    """Return the class of an encoder, without building a network.

    Beside what an `Encoder` has, the class says what can be known before there is one: `summary`,
    `weights_source`, `options`, and by `recipe_of` the recipe under given options.

    Args:
        name: One of `ENCODERS`, or of an installed package, which is imported.
        recipe_file: Of a network of the user's own; what its class says is then of this recipe.

    Raises:
        EncoderError: There is no encoder of that name, or that of a package is broken.
        ConfigError: The recipe file cannot be read, or something in it is wrong.
    """
    installed = installed_encoder(name, ENCODERS)
    if installed is not None:
        kind = import_encoder(installed)
    elif name in ENCODERS:
        module, _, attribute = ENCODERS[name].partition(":")
        kind = getattr(importlib.import_module(module), attribute)
    else:
        known = {**ENCODERS, **{one.name: one.package for one in installed_encoders()}}
        raise EncoderError(
            f"unknown encoder `{name}`; {nearest(name, known)}There are: {', '.join(known)}"
        )
    if recipe_file is None:
        return kind
    if not getattr(kind, "takes_recipe_file", False):
        raise EncoderError(f"encoder {name}: takes no recipe file; leave out `recipe_file`")
    return kind.with_recipe(recipe_file)


def needs_point(name: str) -> bool:
    """Say whether an encoder looks at a point of interest (`Volume.point_mm`), not at a whole scan.

    A class that says nothing of it looks at all.

    Raises:
        EncoderError: There is no encoder of that name.
    """
    return bool(getattr(encoder_class(name), "needs_point", False))


def identity(encoder: Encoder) -> dict[str, Any]:
    """Return everything that a feature of this encoder depends on, as plain JSON values.

    Of an encoder of another package, its version is part of it: nobody here can say whether a new
    one gives other numbers.
    """
    identity = {
        "encoder": encoder.name,
        "recipe": encoder.recipe,
        "weights_sha256": encoder.weights_sha256,
        "embedding_size": encoder.embedding_size,
    }
    installed = installed_encoder(encoder.name, ENCODERS)
    if installed is None:
        return identity
    return identity | {"package": {"name": installed.package, "version": installed.version}}
