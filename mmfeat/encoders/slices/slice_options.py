"""The options of encoders that run a 2-D network on slices, and which of them go together."""

from collections.abc import Mapping
from typing import cast

from mmfeat.encoders.options import PRECISION, Option, Value
from mmfeat.encoders.slices.named_network import NamedNetwork
from mmfeat.encoders.slices.pooling import POOLINGS
from mmfeat.encoders.slices.slice_images import AXES, Fit, Plane, SliceImages
from mmfeat.encoders.slices.slice_windows import PRESETS, STANDARDISED, windows_of
from mmfeat.errors import EncoderError

OF_NETWORK = "network"
"""Stands for a mean or deviation that the network's own files state."""
_PLANES: Mapping[str, tuple[Plane, ...]] = {**{plane: (plane,) for plane in AXES}, "all": (*AXES,)}
SLICE_OPTIONS: Mapping[str, Option] = {
    "windows_hu": Option(
        "lung-mediastinum-bone",
        f"windows as channels: one of {', '.join(PRESETS)}; `{STANDARDISED}`: each slice by its "
        "own mean and deviation; or centre/width of each, such as `-600/1500, 40/400, 400/1800`. "
        "One alone is repeated",
    ),
    "planes": Option(
        "axial", "which slices; `all`: three planes, a feature each", choices=(*_PLANES,)
    ),
    "slice_spacing_mm": Option(
        5.0, "distance between slices, each the average of as much", minimum=0.1
    ),
    "max_slices": Option(
        64, "of a plane; a scan with more gets that many, evenly spaced over it", minimum=1
    ),
    "fit": Option(
        "whole",
        "how a slice fills the square: `whole` with air about it, `crop` to its middle, `stretch`, "
        "or `body`: as `whole`, of the box above -500 HU",
        choices=("whole", "crop", "stretch", "body"),
    ),
    "pixels": Option(0, "side of an image; 0: as the network's own files say", minimum=0),
    "mean": Option(
        OF_NETWORK, f"of each channel from 0 to 1, such as `0.485, 0.456, 0.406`; `{OF_NETWORK}`"
    ),
    "std": Option(OF_NETWORK, f"standard deviation of each channel; `{OF_NETWORK}`"),
    "slice_feature": Option(
        "pooler",
        "what a slice gives: the network's own summary, its `cls` token, the mean of its "
        "`patches`, both, or `raptor`: all tokens, each projected at random",
        choices=("pooler", "cls", "patches", "cls+patches", "raptor"),
    ),
    "projections": Option(100, "values of a token, with `slice_feature: raptor`", minimum=1),
    "seed": Option(0, "of the projection, with `slice_feature: raptor`", minimum=0),
    "pool": Option("mean", "how slices become a vector", choices=(*POOLINGS,)),
    "precision": PRECISION,
}
"""Every option but which network it is."""


def check_together(encoder: str, options: Mapping[str, Value]) -> None:
    """Raise where one option has no meaning beside another.

    Raises:
        EncoderError: It has none; the message says what to leave out.
    """
    if options["slice_feature"] != "raptor":
        for name in ("projections", "seed"):
            if options[name] != SLICE_OPTIONS[name].default:
                raise EncoderError(
                    f"encoder {encoder}: option `{name}` is for slice_feature `raptor`; "
                    f"`{options['slice_feature']}` has none"
                )
    if windows_of(str(options["windows_hu"])) is None:
        for name in ("mean", "std"):
            if options[name] != OF_NETWORK:
                raise EncoderError(
                    f"encoder {encoder}: option `{name}` is for windows; with windows_hu "
                    f"`{STANDARDISED}` each slice has its own"
                )


def images_of(
    encoder: str, options: Mapping[str, Value], network: NamedNetwork | None
) -> SliceImages:
    """Return what is done to a volume under options.

    Args:
        encoder: Its name, for messages.
        options: All of `SLICE_OPTIONS`.
        network: What the options do not say is taken from it; None where it is not known.

    Raises:
        EncoderError: The network cannot be given such images.
    """
    windows = windows_of(str(options["windows_hu"]))
    mean = _per_channel(encoder, "mean", options, network)
    deviation = _per_channel(encoder, "std", options, network)
    if min(deviation, default=1.0) <= 0:
        raise EncoderError(
            f"encoder {encoder}: the standard deviation of a channel must be above 0, got "
            f"`{options['std']}`"
        )
    n_channels = len(mean) if network is None else network.n_channels
    made = SliceImages(
        planes=_PLANES[str(options["planes"])],
        slice_spacing_mm=float(options["slice_spacing_mm"]),
        max_slices=int(options["max_slices"]),
        pixels=int(options["pixels"]) or (network.pixels if network else None) or 0,
        fit=cast("Fit", options["fit"]),
        n_channels=n_channels,
        windows_hu=windows,
        mean=() if windows is None else mean,
        deviation=() if windows is None else deviation,
    )
    if network is not None:
        _check_images(encoder, made, network)
    return made


def _check_images(encoder: str, images: SliceImages, network: NamedNetwork) -> None:
    wanted = network.n_channels
    given = (
        {"windows": 1}
        if images.windows_hu is None
        else {
            "windows": len(images.windows_hu),
            "means": len(images.mean),
            "standard deviations": len(images.deviation),
        }
    )
    for name, n in given.items():
        if n != wanted and not (name == "windows" and n == 1):
            raise EncoderError(
                f"encoder {encoder}: {network.place} takes images of {wanted} channels, and the "
                f"options give {n} {name}; give one, or one for each channel"
            )
    if images.pixels == 0:
        raise EncoderError(
            f"encoder {encoder}: {network.place} does not say the side of its images; give the "
            "option `pixels`"
        )
    if images.pixels != network.pixels and images.pixels % network.patch_pixels:
        raise EncoderError(
            f"encoder {encoder}: option `pixels` must be a multiple of {network.patch_pixels}, the "
            f"side of a patch, got `{images.pixels}`"
        )


def _per_channel(
    encoder: str, name: str, options: Mapping[str, Value], network: NamedNetwork | None
) -> tuple[float, ...]:
    """Return the mean or deviation of each channel: given, or the network's own."""
    text = str(options[name])
    if text != OF_NETWORK:
        try:
            values = tuple(float(part) for part in text.split(","))
        except ValueError:
            raise EncoderError(
                f"encoder {encoder}: option `{name}` must be numbers from 0 to 1, separated by "
                f"commas, or `{OF_NETWORK}`, got `{text}`"
            ) from None
        n_channels = len(values) if network is None else network.n_channels
        return values * n_channels if len(values) == 1 else values
    if network is None:
        return ()
    own = network.mean if name == "mean" else network.deviation
    if own is None and options["windows_hu"] != STANDARDISED:
        raise EncoderError(
            f"encoder {encoder}: {network.place} does not say the {name} of its channels; give the "
            f"options `mean` and `std`, or `windows_hu: {STANDARDISED}`"
        )
    return own or ()
