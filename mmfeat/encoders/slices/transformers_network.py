"""A 2-D network of the package transformers, in a local folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmfeat.encoders.networks.optional_package import import_optional
from mmfeat.encoders.options import Value
from mmfeat.encoders.slices.transformers_folder import TransformersFolder

if TYPE_CHECKING:
    from torch import nn

    from mmfeat.encoders.slices.slice_network import SliceFeature, SliceTokens

LEFT_OUT = "text tower, classifier, position_ids; of a vit its pooler where it is not taken"
_ROUNDED = 1e-3
"""How far a published scale may be from 1 / 255, as a share."""


@dataclass(frozen=True)
class TransformersNetwork:
    """Describe the network of a folder and build it; see `NamedNetwork`.

    Raises:
        EncoderError: The folder does not hold such a network.
    """

    folder: TransformersFolder

    @property
    def description(self) -> Mapping[str, Any]:
        """Its class; what it is beside that, the digest of its files says."""
        return {
            "class": f"transformers {self.folder.kind.of}",
            "position_embeddings": "interpolated by transformers where the side is another",
        }

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder.path)

    @property
    def weights_sha256(self) -> str:
        """Digest of settings and weights."""
        return self.folder.sha256

    @property
    def n_channels(self) -> int:
        """Channels of its images."""
        return int(self._settings.num_channels)

    @property
    def pixels(self) -> int | None:
        """Side of the images that its authors crop out, or else make."""
        preprocessor = self.folder.preprocessor
        size = preprocessor.get("size")
        if preprocessor.get("do_center_crop", True):
            size = preprocessor.get("crop_size") or size
        if size is None:
            size = getattr(self._settings, "image_size", None)
        sides = set(size.values()) if isinstance(size, dict) else {size}
        side = sides.pop() if len(sides) == 1 else None
        return side if isinstance(side, int) and side > 0 else None

    @property
    def patch_pixels(self) -> int:
        """Side of a patch, or 1."""
        return int(getattr(self._settings, "patch_size", None) or 1)

    @property
    def mean(self) -> tuple[float, ...] | None:
        """Mean of each channel, where the folder says one."""
        return self._per_channel("image_mean", unchanged=0.0)

    @property
    def deviation(self) -> tuple[float, ...] | None:
        """Standard deviation of each channel, where the folder says one."""
        return self._per_channel("image_std", unchanged=1.0)

    def tokens_of(self, pixels: int) -> "SliceTokens":
        """See `NamedNetwork.tokens_of`."""
        from mmfeat.encoders.slices.transformers_modules import shapes_of

        return shapes_of(self.folder, pixels)

    def build(self, pixels: int, takes: "SliceFeature") -> "nn.Module":  # noqa: ARG002 - any side
        """See `NamedNetwork.build`."""
        from mmfeat.encoders.slices.transformers_modules import load

        return load(self.folder, takes)

    @cached_property
    def _settings(self) -> Any:  # noqa: ANN401 - a class of transformers
        from mmfeat.encoders.slices.transformers_modules import settings_of

        return settings_of(self.folder)

    def _per_channel(self, name: str, *, unchanged: float) -> tuple[float, ...] | None:
        preprocessor = self.folder.preprocessor
        if preprocessor.get("do_normalize") is False:
            return (unchanged,) * self.n_channels
        values = preprocessor.get(name)
        scale = 255 * preprocessor.get("rescale_factor", 1 / 255)
        if preprocessor.get("do_rescale") is False or abs(scale - 1) > _ROUNDED:
            return None  # of other values than those from 0 to 1
        if not isinstance(values, Sequence) or not all(isinstance(v, float | int) for v in values):
            return None
        return tuple(float(value) for value in values)


def open_transformers(weights: Path, options: Mapping[str, Value]) -> TransformersNetwork:  # noqa: ARG001
    """Return the network of a folder.

    Raises:
        EncoderError: transformers is not installed, or the folder does not hold such a network.
    """
    import_optional("transformers", extra="transformers")
    return TransformersNetwork(TransformersFolder(weights))
