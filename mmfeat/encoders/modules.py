"""The networks of the encoders, from a batch of windows to one feature for each.

They are built on the meta device, without memory for weights and without drawing random ones:
strict loading brings all of them.
"""

from typing import TYPE_CHECKING

import torch
from monai.networks.nets.resnet import ResNet
from monai.networks.nets.segresnet_ds import SegResEncoder
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


class MerlinFeatures(nn.Module):
    """Give Merlin's network its input as in training: axes (z, x, y), three equal channels.

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


def ct_fm_features(init_filters: int, blocks_down: tuple[int, ...]) -> LastLevelMean:
    """Return CT-FM's network, without weights."""
    with torch.device("meta"):
        return LastLevelMean(
            SegResEncoder(
                spatial_dims=3, in_channels=1, init_filters=init_filters, blocks_down=blocks_down
            )
        )


def merlin_features(base_width: int, blocks: tuple[int, ...]) -> MerlinFeatures:
    """Return Merlin's inflated ResNet, without weights."""
    with torch.device("meta"):
        return MerlinFeatures(
            ResNet(
                "bottleneck",
                list(blocks),
                [base_width * factor for factor in (1, 2, 4, 8)],
                spatial_dims=3,
                n_input_channels=3,
                conv1_t_size=(3, 7, 7),
                conv1_t_stride=(1, 2, 2),
                shortcut_type="B",
                bias_downsample=False,
                feed_forward=False,
            )
        )


def lite0_features() -> SliceFeatures:
    """Return EfficientNet-Lite0, without weights."""
    from efficientnet_lite_pytorch import EfficientNet  # an optional package

    with torch.device("meta"):
        return SliceFeatures(EfficientNet.from_name("efficientnet-lite0"))
