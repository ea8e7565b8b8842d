"""Small random weights of encoders whose recipe is data, in files as the authors lay them out."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from monai.networks.nets import SegResNet
from monai.networks.nets.vista3d import vista3d132
from torch import Tensor

from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build

from .random_tensors import random_tensors

SMALL_WIDTH = {
    "ct-fm": 2,
    "merlin": 2,
    "astra": 2,
    "vista3d": 8,
    "suprem-segresnet": 8,
    "suprem-swinunetr": 3,
    "swinunetr-ssl": 3,
    "voco-b": 3,
    "voco-l": 3,
    "voco-h": 3,
    "medicalnet-10": 2,
    "medicalnet-18": 2,
    "medicalnet-34": 2,
    "medicalnet-50": 2,
    "fmcib": 4,
    "random-segresnet": 2,
}
"""Every encoder of this kind, and how narrow it is in tests."""
SMALL_RECIPE_OPTIONS = {
    name: {"width": width, "shrink": encoder_class(name).model.test_shrink}
    for name, width in SMALL_WIDTH.items()
}
State = dict[str, Tensor]


def encoder_shapes(name: str) -> State:
    """Return the tensors of the small network's encoder, on the meta device."""
    return build(encoder_class(name).model.network, SMALL_WIDTH[name]).encoder.state_dict()


def under(prefix: str, shapes: Mapping[str, Tensor]) -> State:
    return {f"{prefix}{key}": value for key, value in shapes.items()}


def _heads(*names: str) -> State:
    return {name: torch.empty(3, 2, device="meta") for name in names}


def _ct_fm(name: str) -> tuple[State, str | None]:
    return encoder_shapes(name), None


def _merlin(name: str) -> tuple[State, str | None]:
    """The image model with its heads, and the text model."""
    heads = {
        "classifier.weight": torch.empty(1692, 64, 1, 1, 1, device="meta"),
        "classifier.bias": torch.empty(1692, device="meta"),
        "contrastive_head.weight": torch.empty(512, 64, 1, 1, 1, device="meta"),
        "contrastive_head.bias": torch.empty(512, device="meta"),
    }
    image_model = under("encode_image.i3_resnet.", encoder_shapes(name) | heads)
    return image_model | _heads("encode_text.linear_layer.weight"), None


def _astra(name: str) -> tuple[State, str | None]:
    tower = encoder_shapes(name) | _heads("classifier.weight", "contrastive_head.weight")
    whole = under("visual_encoder.model.encode_image.i3_resnet.", tower)
    return whole | _heads("perceiver.latents", "llama_proj.weight"), "model"


def _vista3d(name: str) -> tuple[State, str | None]:
    with torch.device("meta"):
        return vista3d132(encoder_embed_dim=SMALL_WIDTH[name]).state_dict(), None


def _suprem_segresnet(name: str) -> tuple[State, str | None]:
    with torch.device("meta"):
        network = SegResNet(init_filters=SMALL_WIDTH[name], out_channels=32, blocks_up=(1, 1, 1))
    return under("module.", network.state_dict()), "net"


def _suprem_swinunetr(name: str) -> tuple[State, str | None]:
    whole = under("backbone.swinViT.", encoder_shapes(name))
    whole |= _heads("backbone.encoder1.layer.conv1.conv.weight", "precls_conv.0.weight")
    return under("module.", whole | _heads("organ_embedding")), "net"


def _swinunetr_ssl(name: str) -> tuple[State, str | None]:
    bare = {key.replace(".linear", ".fc"): value for key, value in encoder_shapes(name).items()}
    heads = _heads("rotation_head.weight", "contrastive_head.weight", "conv.0.weight")
    return under("module.", bare | heads), "state_dict"


def _voco(name: str) -> tuple[State, str | None]:
    heads = _heads("encoder1.layer.conv1.conv.weight", "encoder10.layer.norm1.weight")
    return under("swinViT.", encoder_shapes(name)) | heads, None


def _fmcib(name: str) -> tuple[State, str | None]:
    return encoder_shapes(name), "trunk_state_dict"


def _medicalnet(name: str) -> tuple[State, str | None]:
    return under("module.", encoder_shapes(name)), "state_dict"


_LAYOUTS: dict[str, Callable[[str], tuple[State, str | None]]] = {
    "ct-fm": _ct_fm,
    "merlin": _merlin,
    "astra": _astra,
    "vista3d": _vista3d,
    "suprem-segresnet": _suprem_segresnet,
    "suprem-swinunetr": _suprem_swinunetr,
    "swinunetr-ssl": _swinunetr_ssl,
    "voco": _voco,
    "medicalnet": _medicalnet,
    "fmcib": _fmcib,
}


def published_state(name: str, seed: int = 0) -> tuple[State, str | None]:
    """Return random tensors named as in the published file, and the key that they are under."""
    layout = _LAYOUTS.get(name) or _LAYOUTS[name.partition("-")[0]]
    shapes, wrapper = layout(name)
    return random_tensors(shapes, seed), wrapper


def write_published(name: str, file: Path, seed: int = 0) -> Path:
    """Write the published file of an encoder, small."""
    state, wrapper = published_state(name, seed)
    torch.save({wrapper: state, "epoch": 3} if wrapper else state, file)
    return file
