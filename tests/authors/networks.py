"""The authors' own networks, each from the file with weights that they publish."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from monai.networks.nets import resnet50
from safetensors.torch import load_file
from torch import Tensor, nn

from .packages import file_of_authors, of_authors

Network = Callable[[Tensor], Tensor]
"""From windows, as our encoder's ``prepare`` gives them, to one feature for each."""
MERLIN_PREFIX = "encode_image.i3_resnet."


def ct_fm(file: Path) -> Network:
    """Return the encoder of lighter-zoo; its last level is averaged over space."""
    encoder = of_authors("lighter_zoo").SegResEncoder(
        spatial_dims=3, in_channels=1, init_filters=32, blocks_down=(1, 2, 2, 4, 4)
    )
    encoder.load_state_dict(load_file(file), strict=True)
    encoder.eval()
    return lambda windows: encoder(windows)[-1].mean(dim=(2, 3, 4))


def merlin_shapes() -> nn.Module:
    """Return the image model of merlin-vlm, without memory for weights.

    Its own constructor downloads the 2-D network that this one is made of.
    """
    with torch.device("meta"):
        resnet = of_authors("torchvision").models.resnet152()
        return of_authors("merlin.models.i3res").I3ResNet(
            resnet, class_nb=1692, conv_class=True, ImageEmbedding=True
        )


def merlin(file: Path) -> Network:
    """Return the image model of merlin-vlm, which gives the embedding in a batch of one."""
    state = torch.load(file, map_location="cpu", weights_only=True)
    network = _loaded(merlin_shapes(), _under(MERLIN_PREFIX, state))
    return lambda windows: network(windows)[0]


def fmcib_shapes() -> nn.Module:
    """Return the trunk that `fmcib_model` builds, which also downloads, without memory."""
    with torch.device("meta"):
        return resnet50(
            pretrained=False,
            n_input_channels=1,
            widen_factor=2,
            conv1_t_stride=2,
            feed_forward=False,
            bias_downsample=True,
        )


def fmcib(file: Path) -> Network:
    """Return the model of fmcib, loaded by its own loader."""
    loader = file_of_authors("fmcib", "models/load_model.py").LoadModel
    return loader(trunk=fmcib_shapes().to_empty(device="cpu"), weights_path=file).cpu().eval()


def spectre_shapes(size: str = "large") -> nn.Module:
    """Return the model of spectre-fm, without memory."""
    presets = of_authors("spectre.presets")
    with torch.device("meta"):
        return of_authors("spectre").SpectreImageFeatureExtractor(
            backbone_name=f"vit_{size}_patch16_128",
            backbone_kwargs=presets.BACKBONE_KWARGS,
            feature_combiner_name=f"feat_vit_{size}",
            feature_combiner_kwargs=presets.COMBINER_KWARGS,
        )


def spectre(file: Path, size: str = "large") -> Network:
    """Return the model of spectre-fm, which cuts a scan into crops itself."""
    network = _loaded(spectre_shapes(size), _under("model.", load_file(file)))

    def of_scans(windows: Tensor) -> Tensor:
        hu = windows * 2000 - 1000
        return torch.stack([network(scan, max_crops_per_forward=4)[0] for scan in hu])

    return of_scans


def colipri_shapes(**sizes: int) -> nn.Module:
    """Return the image encoder of colipri as its settings make it, without memory."""
    overrides = [f"{name}={value}" for name, value in sizes.items()]
    parts = of_authors("colipri.checkpoint")._load_config(overrides=overrides).model.image_encoder
    instantiate = of_authors("hydra.utils").instantiate
    with torch.device("meta"):
        return of_authors("colipri.model.image").ImageEncoder(
            backbone=instantiate(parts.backbone, rope_impl=_on_cpu, _convert_="all"),
            projector=instantiate(parts.projector),
            pooler=instantiate(parts.pooler),
        )


def colipri(file: Path, **sizes: int) -> Network:
    """Return the image encoder of colipri; its text model is left out."""
    network = _loaded(colipri_shapes(**sizes), _under("image_encoder.", load_file(file)))
    return lambda windows: network(windows, project=True, pool=True, normalize=False)


def _on_cpu(*args, **kwargs) -> nn.Module:
    """Compute timm's table of angles, which no file has."""
    with torch.device("cpu"):
        return of_authors("timm.layers").RotaryEmbeddingCat(*args, **kwargs)


def _loaded(network: nn.Module, state: Mapping[str, Tensor]) -> nn.Module:
    network.load_state_dict(state, strict=True, assign=True)
    return network.float().eval().requires_grad_(False)


def _under(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)
    }


AUTHORS: dict[str, Callable[[Path], Network]] = {
    "ct-fm": ct_fm,
    "merlin": merlin,
    "fmcib": fmcib,
    "spectre": spectre,
    "colipri": colipri,
}
"""Every encoder whose authors' package can be run here."""
