"""From a batch of windows to one feature for each: what stands about the authors' networks."""

from typing import TYPE_CHECKING

import torch
from monai.networks.nets.segresnet import SegResNet
from torch import Tensor, nn

if TYPE_CHECKING:
    from efficientnet_lite_pytorch import EfficientNet


class LastLevelMean(nn.Module):
    """Average the coarsest feature map of a multi-level encoder over space.

    Shape:
        - Input: ``(windows, 1, depth, height, width)``. Output: ``(windows, channels)``.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        return torch.mean(self.encoder(windows)[-1], dim=(2, 3, 4))


class BottleneckMean(nn.Module):
    """Average the bottleneck of a SegResNet over space; its decoder is dropped.

    Shape:
        - Input: ``(windows, 1, depth, height, width)``. Output: ``(windows, channels)``.
    """

    def __init__(self, network: SegResNet) -> None:
        super().__init__()
        for decoder in ("up_layers", "up_samples", "conv_final"):
            delattr(network, decoder)
        self.encoder = network

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        bottleneck, _ = self.encoder.encode(windows)
        return torch.mean(bottleneck, dim=(2, 3, 4))


class OwnAverage(nn.Module):
    """Run a network that itself ends in one vector, mostly by a global average.

    Shape:
        - Input: ``(windows, 1, depth, height, width)``. Output: ``(windows, channels)``.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        features: Tensor = self.encoder(windows)
        return features


class InflatedFeatures(nn.Module):
    """Give an inflated network its input as Merlin's authors do: axes (z, x, y), three channels.

    Shape:
        - Input: ``(windows, 1, x, y, z)``. Output: ``(windows, channels)``.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window; the network itself ends in a global average."""
        channels = windows.permute(0, 1, 4, 2, 3).expand(-1, 3, -1, -1, -1)
        features: Tensor = self.encoder(channels)
        return features


class SliceFeatures(nn.Module):
    """Average a 2-D network's last feature map over the slice.

    Shape:
        - Input: ``(slices, 3, height, width)``. Output: ``(slices, channels)``.
    """

    def __init__(self, encoder: "EfficientNet") -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, slices: Tensor) -> Tensor:
        """Return one feature for each slice."""
        maps = self.encoder.extract_features(slices.contiguous(memory_format=torch.channels_last))
        return torch.mean(maps, dim=(2, 3))


def lite0_features() -> SliceFeatures:
    """Return EfficientNet-Lite0, without weights."""
    from efficientnet_lite_pytorch import EfficientNet  # an optional package

    with torch.device("meta"):
        return SliceFeatures(EfficientNet.from_name("efficientnet-lite0"))
