"""CT-FM: the encoder of a SegResNet, pretrained without labels on 148,000 CT scans."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mmfeat.encoders.contract import Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import Option, WeightsSource
from mmfeat.errors import EncoderError, VolumeError
from mmfeat.preprocessing.foreground import foreground_box
from mmfeat.preprocessing.grids import spacing_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampling import sample
from mmfeat.preprocessing.windows import sliding_windows
from mmfeat.provenance import sha256_of_file
from mmfeat.volumes.volume import Volume

if TYPE_CHECKING:
    from mmfeat.encoders.network import FrozenNetwork

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
    }

    def __init__(
        self,
        *,
        weights: Path,
        device: str = "auto",
        recipe: str = "repo",
        overlap: float = 0.0,
        init_filters: int = 32,
    ) -> None:
        self._weights = weights
        self._device = device
        self._variant = recipe
        self._overlap = overlap
        self._init_filters = init_filters
        self._network: FrozenNetwork | None = None
        self.embedding_size = init_filters * 2 ** (len(_BLOCKS_DOWN) - 1)
        self.recipe = self.recipe_of(recipe=recipe, overlap=overlap, init_filters=init_filters)
        self.weights_sha256 = sha256_of_file(weights)

    @staticmethod
    def recipe_of(*, recipe: str, overlap: float, init_filters: int) -> dict[str, Any]:
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
                "precision": "float32",
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
        self._network = FrozenNetwork(module, self._device)

    def prepare(self, volume: Volume) -> Windows:
        """Return the windows: ``(windows, 1, 24, 128, 128)``, or the whole scan as one (`card`).

        Raises:
            VolumeError: Nothing in the volume is dense enough to be cropped to.
        """
        turned = reorient(volume, _AXES)
        if self._variant == "repo":
            turned = sample(turned, spacing_grid(turned, _SPACING_MM))
        box = foreground_box(turned.hu, _FOREGROUND_HU[self._variant])
        if box is None:
            raise VolumeError(
                f"nothing is above {_FOREGROUND_HU[self._variant]:g} HU, and ct-fm (recipe "
                f"{self._variant}) crops to what is; use another encoder for such volumes"
            )
        crop = turned.hu[box]
        if self._variant == "card":
            windows = np.empty((1, *crop.shape), np.float32)
            windows[0] = crop
        else:
            # Scaled below, the padding becomes 0.
            windows = sliding_windows(
                crop, _WINDOW_VOXELS, overlap=self._overlap, pad_value=_WINDOW_HU[0]
            )
        for part in windows:
            scale_window(part, _WINDOW_HU, out=part)
        return windows[:, None]

    def encode(self, batch: Windows) -> WindowFeatures:
        """Return one feature for each window: ``(windows, embedding_size)``."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Average over the windows."""
        return np.asarray(features.mean(axis=0))
