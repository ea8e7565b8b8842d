"""Networks of which authors publish the classes as a package: SPECTRE's own, and COLIPRI's Primus.

The packages are optional, and imported only where such a network is built.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmfeat.encoders.networks.modules import OwnAverage
from mmfeat.encoders.networks.optional_package import import_optional
from mmfeat.errors import EncoderError

_SPECTRE_SIZES = {1080: "large", 768: "base", 384: "small", 192: "tiny"}
"""The package's names of its networks, by their width; only the large one has weights."""
_CROPS_AT_ONCE = 4
"""Crops of a scan that go through SPECTRE's backbone together; the last digits hang on it."""
_PRIMUS_DEPTH = 16
_PRIMUS_PATCH = (8, 8, 8)
_HEADS = 12


class ScanOfCrops(nn.Module):
    """Give SPECTRE a scan in one piece; its combiner makes one vector of the vectors of crops.

    Shape:
        - Input: ``(windows, 1, height, width, depth)``, multiples of a crop's.
        - Output: ``(windows, width)``, the combiner's CLS token.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self._windowing: Any = import_optional("spectre.windowing", extra="spectre")

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window, of which each is a scan."""
        return torch.stack([self._of_scan(scan) for scan in windows])

    def _of_scan(self, scan: Tensor) -> Tensor:
        crops, grid = self._windowing.grid_patch(scan, self.encoder.crop_size)
        tokens: Tensor = self.encoder(crops, grid_size=grid, max_crops_per_forward=_CROPS_AT_ONCE)
        return tokens[0]


class CropTokens(nn.Module):
    """Give SPECTRE's backbone crops; what it passes to its combiner of each is the feature.

    Shape:
        - Input: ``(windows, 1, height, width, depth)``.
        - Output: ``(windows, 2 * width)``, the CLS token and the mean of the others.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        tokens: Tensor = self.encoder(windows)
        return torch.cat([tokens[:, 0], tokens[:, 1:].mean(dim=1)], dim=-1)


class PrimusEncoder(nn.Module):
    """COLIPRI's image encoder: a Primus, a projection of its tokens, and attention of their mean.

    Its parts have the names that they have in the published file.

    Shape:
        - Input: ``(windows, 1, *size)``. Output: ``(windows, width)``.
    """

    def __init__(self, backbone: nn.Module, width_inside: int, width: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.projector = nn.Conv3d(width_inside, width, kernel_size=1)
        attention = nn.MultiheadAttention(width, _HEADS, batch_first=True)
        self.pooler = nn.ModuleDict({"attn": attention})

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        tokens = self.projector(self.backbone(windows)).flatten(start_dim=2).transpose(1, 2)
        query = tokens.mean(dim=1, keepdim=True)
        pooled: Tensor = self.pooler["attn"](query, tokens, tokens)[0]
        return pooled[:, 0]


def spectre_scan(width: int, *, rope_base_crops: float, rope_base_scan: float) -> ScanOfCrops:
    """Return SPECTRE's backbone and combiner, without weights."""
    size = _spectre_size(width)
    model: Any = import_optional("spectre.model", extra="spectre")
    return ScanOfCrops(
        model.SpectreImageFeatureExtractor(
            backbone_name=f"vit_{size}_patch16_128",
            backbone_kwargs=_spectre_arguments(rope_base_crops),
            feature_combiner_name=f"feat_vit_{size}",
            feature_combiner_kwargs=_spectre_arguments(rope_base_scan),
        )
    )


def spectre_crops(width: int, *, rope_base_crops: float) -> CropTokens:
    """Return SPECTRE's backbone alone, without weights."""
    models: Any = import_optional("spectre.models", extra="spectre")
    backbone = getattr(models, f"vit_{_spectre_size(width)}_patch16_128")
    return CropTokens(backbone(**_spectre_arguments(rope_base_crops)))


def primus(width: int, *, size: tuple[int, int, int]) -> OwnAverage:
    """Return COLIPRI's image encoder for windows of one size, without weights."""
    module = "dynamic_network_architectures.architectures.primus"
    architecture: Any = import_optional(module, extra="colipri")
    layers: Any = import_optional("timm.layers", extra="colipri")

    def rope_on_cpu(*args: Any, **kwargs: Any) -> nn.Module:  # noqa: ANN401 - timm's own arguments
        """Compute the table of angles, which no file has, although the rest gets no memory yet."""
        with torch.device("cpu"):
            table: nn.Module = layers.RotaryEmbeddingCat(*args, **kwargs)
        return table

    width_inside = width * 9 // 8
    backbone = architecture.Primus(
        input_channels=1,
        num_classes=1,
        embed_dim=width_inside,
        patch_embed_size=_PRIMUS_PATCH,
        input_shape=size,
        eva_depth=_PRIMUS_DEPTH,
        eva_numheads=_HEADS,
        use_abs_pos_embed=False,
        init_values=0.1,
        scale_attn_inner=True,
        rope_impl=rope_on_cpu,
    )
    backbone.up_projection = nn.Identity()  # the decoder, which COLIPRI leaves out
    return OwnAverage(PrimusEncoder(backbone, width_inside, width))


def _spectre_size(width: int) -> str:
    if width not in _SPECTRE_SIZES:
        known = ", ".join(str(width) for width in _SPECTRE_SIZES)
        raise EncoderError(f"SPECTRE's networks have a width of {known}, got `{width}`")
    return _SPECTRE_SIZES[width]


def _spectre_arguments(rope_base: float) -> dict[str, Any]:
    return {
        "num_classes": 0,
        "global_pool": "",
        "pos_embed": "rope",
        "rope_kwargs": {"base": rope_base},
        "init_values": 1.0,
    }
