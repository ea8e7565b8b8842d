"""From images of slices to what a recipe takes of a 2-D network."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from mmfeat.errors import EncoderError

SliceFeature = Literal["pooler", "cls", "patches", "cls+patches", "raptor"]


@dataclass(frozen=True)
class SliceTokens:
    """Hold what a 2-D network makes of images."""

    special: Tensor
    """``(images, n_special, width)``: the CLS token, if there is one, and then registers."""
    patches: Tensor
    """``(images, n_patches, width)``."""
    pooled: Tensor | None
    """``(images, width)``: the network's own summary; None where it has none."""


class SliceNetwork(nn.Module):
    """Take what is asked for of a network's output, for slices of one plane or several.

    Shape:
        - Input: ``(windows, planes * channels, pixels, pixels)``.
        - Output: ``(windows, planes * values)``, plane after plane.

    Args:
        network: From images to `SliceTokens`.
        n_channels: Channels of an image.
        takes: ``pooler``, the network's own summary; ``cls``; ``patches``, the mean of the
            patches; ``cls+patches``, both; ``raptor``, all tokens, each projected.
        projection: For ``raptor``, ``(width, projections)``.
    """

    projection: Tensor

    def __init__(
        self,
        network: nn.Module,
        *,
        n_channels: int,
        takes: SliceFeature,
        projection: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self._n_channels = n_channels
        self._takes = takes
        self.register_buffer("projection", projection, persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        images = windows.reshape(-1, self._n_channels, *windows.shape[2:])
        features = self._of_images(self.network(images))
        return features.reshape(len(windows), -1)

    def _of_images(self, tokens: SliceTokens) -> Tensor:
        match self._takes:
            case "cls":
                return tokens.special[:, 0]
            case "patches":
                return tokens.patches.mean(dim=1)
            case "cls+patches":
                return torch.cat([tokens.special[:, 0], tokens.patches.mean(dim=1)], dim=1)
            case "raptor":
                return self._projected(tokens)
            case "pooler":
                if tokens.pooled is None:
                    raise EncoderError(
                        "this network has no `pooler`; choose another `slice_feature`"
                    )
                return tokens.pooled

    def _projected(self, tokens: SliceTokens) -> Tensor:
        """Return all tokens of an image, projected: ``(images, projections * tokens)``.

        As in Raptor's own code, the tokens of one projection lie beside each other. In float32,
        whatever the network's precision.
        """
        every = torch.cat([tokens.special, tokens.patches], dim=1).float()
        with torch.autocast(every.device.type, enabled=False):
            projected = every @ self.projection  # (images, tokens, projections)
        return projected.transpose(1, 2).flatten(start_dim=1)


def random_projection(width: int, projections: int, *, seed: int) -> Tensor:
    """Return the matrix that Raptor's own script draws: ``(width, projections)``, float32.

    The generator is numpy's older one, as there; its numbers are frozen for all versions.
    """
    drawn = np.random.RandomState(seed).randn(width, projections)
    return torch.from_numpy(drawn.astype(np.float32))
