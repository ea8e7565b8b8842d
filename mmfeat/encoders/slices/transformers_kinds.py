"""The architectures of transformers that run on slices, and what is known of their output."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TransformersKind:
    """Say of which class a network is, and how many of its tokens come before the patches."""

    of: str
    """Its class in transformers."""
    n_special: int
    """The CLS token, or none."""
    has_registers: bool = False
    """Whether registers follow, as many as the network's configuration says."""
    optional_pooler: bool = False
    """Whether its class can be built without its pooler, which many published files lack."""

    def n_special_of(self, config: Mapping[str, Any]) -> int:
        """Return how many tokens stand before the patches."""
        return self.n_special + (int(config["num_register_tokens"]) if self.has_registers else 0)


KINDS: Mapping[str, TransformersKind] = {
    "dinov2": TransformersKind("Dinov2Model", 1),
    "dinov2_with_registers": TransformersKind("Dinov2WithRegistersModel", 1, has_registers=True),
    "dinov3_vit": TransformersKind("DINOv3ViTModel", 1, has_registers=True),
    "dinov3_convnext": TransformersKind("DINOv3ConvNextModel", 1),  # the mean of the patches
    "vit": TransformersKind("ViTModel", 1, optional_pooler=True),
    "clip_vision_model": TransformersKind("CLIPVisionModel", 1),
    "siglip_vision_model": TransformersKind("SiglipVisionModel", 0),
    "swin": TransformersKind("SwinModel", 0),
    "convnext": TransformersKind("ConvNextModel", 0),
    "convnextv2": TransformersKind("ConvNextV2Model", 0),
    "resnet": TransformersKind("ResNetModel", 0),
}
"""By the ``model_type`` of ``config.json``."""
VISION_TOWERS: Mapping[str, str] = {"clip": "clip_vision_model", "siglip": "siglip_vision_model"}
"""Of models with a text tower: the ``model_type`` of the vision tower, which alone is used."""
