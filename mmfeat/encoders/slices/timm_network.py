"""A 2-D network of the package timm, by its name, with the weights of a local file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmfeat.encoders.networks.optional_package import import_optional
from mmfeat.encoders.options import Value
from mmfeat.provenance import sha256_of_file

if TYPE_CHECKING:
    from torch import nn

    from mmfeat.encoders.slices.slice_network import SliceFeature, SliceTokens

LEFT_OUT = "classifier, by the name that timm has for it"


@dataclass(frozen=True)
class TimmNetwork:
    """Describe a network of timm and build it; see `NamedNetwork`.

    Raises:
        EncoderError: timm has no such network.
    """

    name: str
    weights: Path

    @property
    def description(self) -> Mapping[str, Any]:
        """Its name; of a name without a tag, the one that timm takes."""
        return {
            "class": "timm",
            "model": self.name,
            "tag": self._published["tag"],
            "position_embeddings": "interpolated by timm where the side is another",
        }

    @property
    def place(self) -> str:
        """Its name, for messages."""
        return self.name

    @cached_property
    def weights_sha256(self) -> str:
        """Digest of the file."""
        return sha256_of_file(self.weights)

    @property
    def n_channels(self) -> int:
        """Channels of its images."""
        return int(self._published["input_size"][0])

    @property
    def pixels(self) -> int:
        """Side of the images that it was trained with."""
        return int(self._published["input_size"][-1])

    @property
    def patch_pixels(self) -> int:
        """Side of a patch, or 1."""
        from mmfeat.encoders.slices.timm_modules import patch_pixels_of

        return patch_pixels_of(self.name)

    @property
    def mean(self) -> tuple[float, ...] | None:
        """Mean of each channel."""
        return tuple(map(float, self._published["mean"]))

    @property
    def deviation(self) -> tuple[float, ...] | None:
        """Standard deviation of each channel."""
        return tuple(map(float, self._published["std"]))

    def tokens_of(self, pixels: int) -> "SliceTokens":
        """See `NamedNetwork.tokens_of`."""
        from mmfeat.encoders.slices.timm_modules import shapes_of

        return shapes_of(self.name, pixels)

    def build(self, pixels: int, takes: "SliceFeature") -> "nn.Module":  # noqa: ARG002 - all there
        """See `NamedNetwork.build`."""
        from mmfeat.encoders.slices.timm_modules import load

        return load(self.name, pixels, self.weights)

    @cached_property
    def _published(self) -> Mapping[str, Any]:
        from mmfeat.encoders.slices.timm_modules import published_settings

        return published_settings(self.name)


def open_timm(weights: Path, options: Mapping[str, Value]) -> TimmNetwork:
    """Return the network that the option ``model`` names.

    Raises:
        EncoderError: timm is not installed, or has no network of that name.
    """
    import_optional("timm", extra="timm")
    return TimmNetwork(str(options["model"]), weights)
