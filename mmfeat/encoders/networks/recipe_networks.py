"""The networks that recipes name, of MONAI's classes or the authors' packages.

Each goes from windows to one feature for each.

They are built on the meta device, without memory for weights and without drawing random ones:
strict loading brings all of them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from monai.networks.nets.resnet import ResNet
from monai.networks.nets.segresnet import SegResNet
from monai.networks.nets.segresnet_ds import SegResEncoder
from monai.networks.nets.swin_unetr import SwinTransformer
from torch.overrides import TorchFunctionMode

from mmfeat.encoders.networks.modules import (
    BottleneckMean,
    InflatedFeatures,
    LastLevelMean,
    OwnAverage,
)
from mmfeat.encoders.networks.package_networks import (
    CropTokens,
    ScanOfCrops,
    primus,
    spectre_crops,
    spectre_scan,
)
from mmfeat.encoders.recipe import NetworkRecipe
from mmfeat.preprocessing.cropping import Size

_SWIN_HEADS = (3, 6, 12, 24)
_SWIN_DEPTHS = (2, 2, 2, 2)
_DILATIONS = {"layer3": 2, "layer4": 4}
"""MedicalNet's last two levels widen their kernels and keep their resolution."""


class _NumbersOnCpu(TorchFunctionMode):
    """Let a network that is built on the meta device still compute settings as numbers."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401 - torch's own signature
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        given = dict(kwargs or {})
        if func is torch.linspace:  # the rates of a SwinTransformer's stochastic depth
            given["device"] = "cpu"
        return func(*args, **given)


FeatureNetwork = (
    LastLevelMean | BottleneckMean | OwnAverage | InflatedFeatures | ScanOfCrops | CropTokens
)


def build(network: NetworkRecipe, width: int, size: Size | None = None) -> FeatureNetwork:
    """Return a network without weights; its part that has some is ``encoder``.

    Args:
        network: What to build.
        width: Channels of its first level; those of the recipe give the published network.
        size: Voxels of a window, for networks that are built for one size.
    """
    with torch.device("meta"), _NumbersOnCpu():
        sized = {"size": size} if network.of_one_size else {}
        return NETWORKS[network.kind](width, **network.arguments, **sized)


def _segres_encoder(width: int, *, blocks_down: tuple[int, ...], norm: str) -> LastLevelMean:
    return LastLevelMean(SegResEncoder(init_filters=width, blocks_down=blocks_down, norm=norm))


def _segresnet(width: int, *, blocks_down: tuple[int, ...]) -> BottleneckMean:
    return BottleneckMean(SegResNet(init_filters=width, blocks_down=blocks_down))


def _swin_transformer(width: int, *, use_v2: bool) -> LastLevelMean:
    """Return the encoder of a SwinUNETR; its last level is normalised over channels, as there."""
    return LastLevelMean(
        SwinTransformer(
            in_chans=1,
            embed_dim=width,
            window_size=(7, 7, 7),
            patch_size=(2, 2, 2),
            depths=_SWIN_DEPTHS,
            num_heads=_SWIN_HEADS,
            use_v2=use_v2,
        )
    )


def _inflated_resnet(width: int, *, blocks: tuple[int, ...]) -> InflatedFeatures:
    """Return Merlin's: a 2-D ResNet whose kernels were given a depth."""
    return InflatedFeatures(
        ResNet(
            "bottleneck",
            list(blocks),
            [width * factor for factor in (1, 2, 4, 8)],
            spatial_dims=3,
            n_input_channels=3,
            conv1_t_size=(3, 7, 7),
            conv1_t_stride=(1, 2, 2),
            shortcut_type="B",
            bias_downsample=False,
            feed_forward=False,
        )
    )


def _resnet(
    width: int, *, blocks: tuple[int, ...], conv1_t_stride: int, bias_downsample: bool
) -> OwnAverage:
    """Return MONAI's ResNet of bottlenecks as it is."""
    return OwnAverage(
        ResNet(
            "bottleneck",
            list(blocks),
            [width * factor for factor in (1, 2, 4, 8)],
            spatial_dims=3,
            n_input_channels=1,
            conv1_t_stride=conv1_t_stride,
            bias_downsample=bias_downsample,
            feed_forward=False,
        )
    )


def _medicalnet(
    width: int, *, block: str, blocks: tuple[int, ...], shortcut_type: str
) -> OwnAverage:
    """Return MONAI's ResNet made to compute what MedicalNet's own code does.

    MONAI's halves the resolution in its last two levels. MedicalNet keeps it there, and dilates
    kernels instead. NOTE: the first convolution's stride of 2 is MedicalNet's too; MONAI's default
    is 1.
    """
    network = ResNet(
        block,
        list(blocks),
        [width * factor for factor in (1, 2, 4, 8)],
        spatial_dims=3,
        n_input_channels=1,
        conv1_t_stride=2,
        shortcut_type=shortcut_type,
        bias_downsample=False,
        feed_forward=False,
    )
    for level, dilation in _DILATIONS.items():
        for layer in getattr(network, level):
            _dilate(layer, dilation)
    return OwnAverage(network)


def _dilate(layer: Any, dilation: int) -> None:  # noqa: ANN401 - blocks of MONAI's
    is_bottleneck = hasattr(layer, "conv3")
    convolutions: list[Any] = [layer.conv2] if is_bottleneck else [layer.conv1, layer.conv2]
    for convolution in convolutions:
        convolution.stride = (1, 1, 1)
        convolution.dilation = convolution.padding = (dilation,) * 3
    shortcut = layer.downsample
    if isinstance(shortcut, partial):  # type A: no weights, zeros for new channels
        layer.downsample = partial(shortcut.func, **{**shortcut.keywords, "stride": 1})
    elif shortcut is not None:
        shortcut[0].stride = (1, 1, 1)


NETWORKS: dict[str, Callable[..., FeatureNetwork]] = {
    "monai SegResEncoder": _segres_encoder,
    "monai SegResNet, encoder": _segresnet,
    "monai SwinTransformer": _swin_transformer,
    "monai ResNet": _resnet,
    "monai ResNet, inflated": _inflated_resnet,
    "monai ResNet, dilated": _medicalnet,
    "spectre backbone and combiner": spectre_scan,
    "spectre backbone": spectre_crops,
    "Primus, attention of the mean": primus,
}
"""Every network by the name that recipes have for it."""
