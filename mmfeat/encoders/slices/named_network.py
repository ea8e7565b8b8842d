"""What is known of a 2-D network that a user names, before it is built."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import nn

    from mmfeat.encoders.slices.slice_network import SliceFeature, SliceTokens


class NamedNetwork(Protocol):
    """Describe a 2-D network and its weights, and build it."""

    @property
    def description(self) -> Mapping[str, Any]:
        """Which network it is, in plain JSON values; part of the recipe."""

    @property
    def place(self) -> str:
        """Where its weights are, for messages."""

    @property
    def weights_sha256(self) -> str:
        """Digest of the weights, and of what else of its files is used."""

    @property
    def n_channels(self) -> int:
        """Channels of its images."""

    @property
    def pixels(self) -> int | None:
        """Side of the images that its authors give it; None where its files do not say."""

    @property
    def patch_pixels(self) -> int:
        """Side of a patch, of which an image's side is to be a multiple; 1 where there are none."""

    @property
    def mean(self) -> tuple[float, ...] | None:
        """Mean of each channel, in values from 0 to 1; None where its files do not say."""

    @property
    def deviation(self) -> tuple[float, ...] | None:
        """Standard deviation of each channel."""

    def tokens_of(self, pixels: int) -> "SliceTokens":
        """Return the tokens of one image of that side: their shapes alone, on the meta device.

        Raises:
            EncoderError: The network takes no such image.
        """

    def build(self, pixels: int, takes: "SliceFeature") -> "nn.Module":
        """Return the network with its weights, from images to `SliceTokens`.

        Args:
            pixels: Side of the images.
            takes: What is taken of it; a pooler that is not may be left out.

        Raises:
            EncoderError: The weights do not fit; the message names what is missing or foreign.
        """
