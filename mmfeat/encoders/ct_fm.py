"""CT-FM: the encoder of a SegResNet, pretrained without labels on 148,000 CT scans."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import PRECISION, Option, WeightsSource
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.errors import EncoderError, VolumeError
from mmfeat.preprocessing.foreground import foreground_box
from mmfeat.preprocessing.grids import spacing_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.windows import sliding_windows
from mmfeat.provenance import sha256_of_file
from mmfeat.volumes.volume import HuArray, Volume

if TYPE_CHECKING:
    from mmfeat.encoders.network import FrozenNetwork, Precision

_AXES = "SPL"
_SPACING_MM = (3.0, 1.0, 1.0)
_WINDOW_HU = (-1024.0, 2048.0)
_WINDOW_VOXELS = (24, 128, 128)
_BLOCKS_DOWN = (1, 2, 2, 4, 4)
_PREFIXES = ("encoder.",)
_FOREGROUND_HU = {"repo": 0.0, "card": -1024.0}
"""Both recipes crop to values above 0; `card` does so after scaling, where 0 is -1024 HU."""


class CtFm:
    """CT-FM's frozen encoder: one vector for each window of 72 x 128 x 128 mm, then their mean.

    The authors' scripts (`repo`) and their model card (`card`) prepare scans differently, and the
    features differ; which one the weights want is an open question to them, so both are here.
    """

    name = "ct-fm"
    embedding_size = 512
    summary = "CT-FM, 3-D SegResNet encoder, self-supervised on 148,000 CT scans of the whole body"
    weights_source: ClassVar = WeightsSource(
        where="model.safetensors of huggingface.co/project-lighter/ct_fm_feature_extractor, or "
        "pretrained_segresnet.torch of huggingface.co/surajpaib/CT-FM-SegResNet",
        licence="code MIT; see the model card for the weights",
        file_needed=True,
    )
    options: ClassVar = {
        "recipe": Option(
            "repo",
            "`repo`: 3 x 1 x 1 mm, windows of 24 x 128 x 128 voxels, as in the authors' scripts; "
            "`card`: own spacing, the whole scan at once (much memory), as on the model card",
            choices=("repo", "card"),
        ),
        "overlap": Option(
            0.0,
            "recipe `repo` only: share that neighbouring windows have in common",
            choices=(0.0, 0.625),
        ),
        "init_filters": Option(
            32, "width of the network; the published one has 32, less is for tests", minimum=1
        ),
        "precision": PRECISION,
    }
    usual_batch = 8

    def __init__(
        self,
        *,
        weights: Path,
        device: str = "auto",
        prepare_on: PrepareOn = "auto",
        recipe: str = "repo",
        overlap: float = 0.0,
        init_filters: int = 32,
        precision: "Precision" = "float32",
    ) -> None:
        self._weights = weights
        self._device = device
        self._prepare_on = prepare_on
        self._variant = recipe
        self._overlap = overlap
        self._init_filters = init_filters
        self._precision = precision
        self.windows_alone = recipe == "card"  # its windows are whole scans of any shape
        self._network: FrozenNetwork | None = None
        self.embedding_size = init_filters * 2 ** (len(_BLOCKS_DOWN) - 1)
        self.recipe = self.recipe_of(
            recipe=recipe, overlap=overlap, init_filters=init_filters, precision=precision
        )
        self.weights_sha256 = sha256_of_file(weights)

    @staticmethod
    def recipe_of(
        *, recipe: str, overlap: float, init_filters: int, precision: str
    ) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values.

        Raises:
            EncoderError: The options contradict each other.
        """
        if recipe == "card" and overlap:
            raise EncoderError(
                "encoder ct-fm: option `overlap` is for recipe `repo`; `card` has no windows"
            )
        steps: list[Any] = [{"orient": _AXES}]
        if recipe == "repo":
            steps.append(
                {"resample_mm": list(_SPACING_MM), "interpolation": "trilinear, edge goes on"}
            )
        steps += [
            {"crop_to_hu_above": _FOREGROUND_HU[recipe]},
            {"scale_hu_to_0_1": list(_WINDOW_HU), "clip": True},
        ]
        if recipe == "repo":
            steps.append({"windows": list(_WINDOW_VOXELS), "overlap": overlap, "pad": 0.0})
        return {
            "code_version": 1,
            "recipe": recipe,
            "prepare": steps,
            "network": {
                "class": "monai SegResEncoder",
                "init_filters": init_filters,
                "blocks_down": list(_BLOCKS_DOWN),
                "precision": precision,
            },
            "weights": {"under": list(_PREFIXES), "strict": True},
            "pool": "last level, mean over voxels, then mean over windows",
        }

    def load(self) -> None:
        """Build the network and load its weights; see `Encoder.load`."""
        from mmfeat.encoders.modules import ct_fm_features
        from mmfeat.encoders.network import FrozenNetwork
        from mmfeat.encoders.weights import load_strictly, read_state_dict, strip_prefix

        module = ct_fm_features(self._init_filters, _BLOCKS_DOWN)
        state = read_state_dict(self._weights, wrapped_in=("state_dict",))
        load_strictly(module.encoder, strip_prefix(state, _PREFIXES), self._weights)
        self._network = FrozenNetwork(module, self._device, precision=self._precision)

    def prepare(self, volume: Volume) -> Windows:
        """Return the windows: ``(windows, 1, 24, 128, 128)``, or the whole scan as one (`card`).

        Raises:
            VolumeError: Nothing in the volume is dense enough to be cropped to.
        """
        turned = reorient(volume, _AXES)
        above_hu = _FOREGROUND_HU[self._variant]
        if self._variant == "repo":
            crop = sampler_for(self._prepare_on, self._device).foreground_window(
                turned, spacing_grid(turned, _SPACING_MM), above_hu=above_hu, window_hu=_WINDOW_HU
            )
        else:  # at its own spacing it would be larger to bring back from a GPU than to take there
            box = foreground_box(turned.hu, above_hu)
            crop = None if box is None else _scaled(turned.hu[box])
        if crop is None:
            raise VolumeError(
                f"nothing is above {above_hu:g} HU, and ct-fm (recipe {self._variant}) crops to "
                "what is; use another encoder for such volumes"
            )
        if self._variant == "card":
            return crop[None, None]
        windows = sliding_windows(crop, _WINDOW_VOXELS, overlap=self._overlap, pad_value=0.0)
        return windows[:, None]

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Return one feature for each window: ``(windows, embedding_size)``."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch, usage)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Average over the windows."""
        return np.asarray(features.mean(axis=0))


def _scaled(hu: HuArray) -> NDArray[np.float32]:
    return scale_window(hu, _WINDOW_HU, out=np.empty(hu.shape, np.float32))
