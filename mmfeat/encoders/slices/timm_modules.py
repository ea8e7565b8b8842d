"""Networks of the package timm, built by name and loaded from a local file alone."""

import difflib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from mmfeat.encoders.slices.slice_network import SliceTokens
from mmfeat.encoders.weights.state_dicts import load_strictly, read_state_dict
from mmfeat.errors import EncoderError, one_line


class TimmTokens(nn.Module):
    """Run a network of timm and find its tokens.

    Shape:
        - Input: ``(images, channels, pixels, pixels)``. Output: `SliceTokens`.
    """

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - any class of timm
        super().__init__()
        self.network = network
        self._n_special = int(getattr(network, "num_prefix_tokens", 0))
        self._channels_last = getattr(network, "output_fmt", "NCHW") == "NHWC"

    def forward(self, images: Tensor) -> SliceTokens:
        """Return the tokens of each image."""
        features = self.network.forward_features(images)
        pooled = self.network.forward_head(features, pre_logits=True)
        if features.ndim == 4 and self._channels_last:
            features = features.flatten(1, 2)
        elif features.ndim == 4:
            features = features.flatten(2).transpose(1, 2)
        return SliceTokens(
            special=features[:, : self._n_special],
            patches=features[:, self._n_special :],
            pooled=pooled,
        )


def published_settings(name: str) -> Mapping[str, Any]:
    """Return what timm knows of a network: size, mean and deviation of its images, and more.

    Raises:
        EncoderError: There is no network of that name, or none with that tag.
    """
    settings: dict[str, Any] = {**_sketch(name, None).pretrained_cfg}
    return settings


def patch_pixels_of(name: str) -> int:
    """Return the side of a patch of a transformer; 1 of other networks."""
    network = _sketch(name, None)
    patches = getattr(network, "patch_embed", None)
    if patches is None or not hasattr(network, "num_prefix_tokens"):
        return 1
    return int(patches.patch_size[0])


def shapes_of(name: str, pixels: int) -> SliceTokens:
    """Return the tokens of one image on the meta device: their shapes, without values or weights.

    Raises:
        EncoderError: The network cannot be given such an image.
    """
    network = _sketch(name, pixels)
    channels = int(network.pretrained_cfg["input_size"][0])
    try:
        with torch.device("meta"), torch.inference_mode():
            tokens: SliceTokens = TimmTokens(network)(torch.empty(1, channels, pixels, pixels))
    except (AssertionError, RuntimeError, ValueError) as error:
        raise EncoderError(
            f"{name} takes no image of {pixels} x {pixels} pixels ({one_line(error)}); see the "
            "option `pixels`"
        ) from error
    return tokens


def load(name: str, pixels: int, weights: Path) -> TimmTokens:
    """Return the network with all its weights, in float32.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape; the first ones are named.
    """
    with torch.random.fork_rng(devices=[]):  # it draws weights, and nobody else's numbers change
        network = _created(name, pixels)
    classifiers = network.pretrained_cfg["classifier"]
    names = (classifiers,) if isinstance(classifiers, str) else tuple(classifiers or ())
    heads = tuple(f"{classifier}." for classifier in names)
    state = read_state_dict(weights)
    used = {key: value for key, value in state.items() if not key.startswith(heads)}
    load_strictly(network, used, weights)
    return TimmTokens(network)


@functools.cache
def _sketch(name: str, pixels: int | None) -> Any:  # noqa: ANN401
    """Return the network without memory for weights."""
    with torch.device("meta"):
        return _created(name, pixels).to("meta").eval()  # what it computed itself lies on the CPU


def _created(name: str, pixels: int | None) -> Any:  # noqa: ANN401
    """Build a network; None is its own side of images.

    Raises:
        EncoderError: There is no such network, or it takes images of one side only.
    """
    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        near = difflib.get_close_matches(architecture, timm.list_models(), n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise EncoderError(
            f"timm {timm.__version__} has no network `{name}`; {hint}`timm.list_models()` has all"
        )
    try:
        network = timm.create_model(name, pretrained=False, num_classes=0)
        published = network.pretrained_cfg
        own_side = pixels in (None, published["input_size"][-1])
        if own_side or not published.get("fixed_input_size", False):
            return network
        return timm.create_model(name, pretrained=False, num_classes=0, dynamic_img_size=True)
    except (RuntimeError, TypeError) as error:
        raise EncoderError(f"{name}: timm {timm.__version__} says: {one_line(error)}") from error
