"""Networks of the package transformers, built and loaded from a local folder alone.

No name of a repository is ever passed on, only settings and tensors, so transformers has nothing to
ask a hub for; nor does it read a pickle or run a folder's own code.
"""

import inspect
import logging
from typing import Any

import torch
import transformers
from torch import Tensor, nn

from mmfeat.encoders.slices.quiet_transformers import quiet
from mmfeat.encoders.slices.slice_network import SliceFeature, SliceTokens
from mmfeat.encoders.slices.transformers_errors import RAISED_BY_ODD_SETTINGS
from mmfeat.encoders.slices.transformers_folder import CONFIG, TransformersFolder
from mmfeat.encoders.weights.state_dicts import raise_where_keys_differ, read_state_dict
from mmfeat.errors import EncoderError, one_line

_log = logging.getLogger(__name__)
_INTERPOLATE = "interpolate_pos_encoding"
"""The argument by which a network takes images of another side than that of its training."""


class TransformersTokens(nn.Module):
    """Run a network of transformers and find its tokens.

    Shape:
        - Input: ``(images, channels, pixels, pixels)``. Output: `SliceTokens`.

    Args:
        network: The network.
        n_special: Tokens before the patches.
    """

    def __init__(self, network: nn.Module, n_special: int) -> None:
        super().__init__()
        self.network = network
        self._n_special = n_special
        takes = inspect.signature(network.forward).parameters
        self._named = {_INTERPOLATE: True} if _INTERPOLATE in takes else {}

    def forward(self, images: Tensor) -> SliceTokens:
        """Return the tokens of each image."""
        output = self.network(images, **self._named)
        tokens = output.last_hidden_state
        if tokens.ndim == 4:  # maps, channels first
            tokens = tokens.flatten(2).transpose(1, 2)
        pooled = getattr(output, "pooler_output", None)
        return SliceTokens(
            special=tokens[:, : self._n_special],
            patches=tokens[:, self._n_special :],
            pooled=None if pooled is None else pooled.flatten(1),
        )


def settings_of(folder: TransformersFolder) -> Any:  # noqa: ANN401 - a class of transformers
    """Return the network's settings; what the folder does not say has transformers' defaults.

    Raises:
        EncoderError: They are not those of such a network, or transformers is too old for it.
    """
    try:
        return _class_of(folder).config_class.from_dict(dict(folder.config))
    except RAISED_BY_ODD_SETTINGS as error:
        raise EncoderError(
            f"{folder.path / CONFIG}: transformers {transformers.__version__} makes no "
            f"{folder.kind.of} of it ({one_line(error)})"
        ) from error


def shapes_of(folder: TransformersFolder, pixels: int) -> SliceTokens:
    """Return the tokens of one image on the meta device: their shapes, without values or weights.

    Raises:
        EncoderError: The network cannot be given such an image.
    """
    settings = settings_of(folder)
    try:
        with torch.device("meta"), torch.inference_mode():
            network = _class_of(folder)(settings).eval()
            image = torch.empty(1, settings.num_channels, pixels, pixels)
            tokens: SliceTokens = _tokens(folder, network)(image)
    except RAISED_BY_ODD_SETTINGS as error:
        raise EncoderError(
            f"{folder.path}: its network takes no image of {pixels} x {pixels} pixels "
            f"({one_line(error)}); see the option `pixels`"
        ) from error
    return tokens


def load(folder: TransformersFolder, takes: SliceFeature) -> TransformersTokens:
    """Return the network with all its weights, in float32.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape; the first ones are named.
    """
    without_pooler = folder.kind.optional_pooler and takes != "pooler"
    with quiet():
        network, found = _class_of(folder).from_pretrained(
            None,
            config=settings_of(folder),
            state_dict=_tensors(folder, without_pooler=without_pooler),
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # they are told below
            output_loading_info=True,
            **({"add_pooling_layer": False} if without_pooler else {}),
        )
    raise_where_keys_differ(
        folder.path,
        missing=sorted(found["missing_keys"]),
        unexpected=sorted(found["unexpected_keys"]),
        shapes={key: (theirs, ours) for key, theirs, ours in sorted(found["mismatched_keys"])},
        hint="give the folder as it was published; where only a pooler is missing, take another "
        "`slice_feature`",
    )
    return _tokens(folder, network)


def _class_of(folder: TransformersFolder) -> Any:  # noqa: ANN401 - a class of transformers
    return getattr(transformers, folder.kind.of)


def _tokens(folder: TransformersFolder, network: Any) -> TransformersTokens:  # noqa: ANN401
    return TransformersTokens(network, folder.kind.n_special_of(network.config.to_dict()))


def _tensors(folder: TransformersFolder, *, without_pooler: bool) -> dict[str, Tensor]:
    """Return the tensors of the network; see `transformers_network.LEFT_OUT`."""
    every: dict[str, Tensor] = {}
    for file in folder.weights:
        every |= read_state_dict(file)
    used = {
        key: value
        for key, value in every.items()
        if key.startswith("vision_model.") or not folder.has_text_tower
        if not key.startswith("classifier.") and not key.endswith(".position_ids")
        if not (without_pooler and "pooler" in key.split("."))
    }
    if len(used) < len(every):
        _log.info("%d tensors beside the network for images are not used", len(every) - len(used))
    return used
