"""Merlin: an inflated 3-D ResNet-152, trained with the reports and codes of abdominal CT scans."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import PRECISION, Option, WeightsSource
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.errors import EncoderError
from mmfeat.preprocessing.cropping import centre_box, padding_box
from mmfeat.preprocessing.grids import spacing_grid
from mmfeat.preprocessing.orientation import reorient
from mmfeat.provenance import sha256_of_file
from mmfeat.volumes.volume import Volume

if TYPE_CHECKING:
    from mmfeat.encoders.network import FrozenNetwork, Precision

_AXES = "RAS"
_SPACING_MM = (1.5, 1.5, 3.0)
_WINDOW_HU = (-1000.0, 1000.0)
_SIZE_VOXELS = (224, 224, 160)
_PREFIXES = ("encode_image.i3_resnet.",)
_HEADS = ("classifier.", "contrastive_head.")
"""Parts of the published image model after the feature; they are left out."""


class Merlin:
    """Merlin's frozen image encoder: one vector for the central 336 x 336 x 480 mm of a scan."""

    name = "merlin"
    embedding_size = 2048
    summary = (
        "Merlin, 3-D ResNet-152, trained with reports and diagnosis codes of abdominal CT scans"
    )
    weights_source: ClassVar = WeightsSource(
        where="i3_resnet_clinical_longformer_best_clip_04-02-2024_23-21-36_epoch_99.pt of "
        "huggingface.co/stanfordmimi/Merlin",
        licence="MIT",
        file_needed=True,
    )
    options: ClassVar = {
        "base_width": Option(
            64, "width of the network; the published one has 64, less is for tests", minimum=1
        ),
        "blocks": Option(
            "3-8-36-3",
            "blocks of its four levels; the published one has 3-8-36-3, less is for tests",
        ),
        "precision": PRECISION,
    }
    usual_batch = 1
    windows_alone = False

    def __init__(
        self,
        *,
        weights: Path,
        device: str = "auto",
        prepare_on: PrepareOn = "auto",
        base_width: int = 64,
        blocks: str = "3-8-36-3",
        precision: "Precision" = "float32",
    ) -> None:
        self._weights = weights
        self._device = device
        self._prepare_on = prepare_on
        self._base_width = base_width
        self._blocks = _numbers(blocks)
        self._precision = precision
        self._network: FrozenNetwork | None = None
        self.embedding_size = base_width * 32
        self.recipe = self.recipe_of(base_width=base_width, blocks=blocks, precision=precision)
        self.weights_sha256 = sha256_of_file(weights)

    @staticmethod
    def recipe_of(*, base_width: int, blocks: str, precision: str) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values.

        Raises:
            EncoderError: ``blocks`` are not four whole numbers.
        """
        return {
            "code_version": 1,
            "prepare": [
                {"orient": _AXES},
                {"resample_mm": list(_SPACING_MM), "interpolation": "trilinear, edge goes on"},
                {"scale_hu_to_0_1": list(_WINDOW_HU), "clip": True},
                {"pad_about_centre": list(_SIZE_VOXELS), "value": 0.0},
                {"crop_about_centre": list(_SIZE_VOXELS)},
                {"axes": "z, x, y", "channels": "3 copies"},
            ],
            "network": {
                "class": "monai ResNet",
                "base_width": base_width,
                "blocks": list(_numbers(blocks)),
                "precision": precision,
            },
            "weights": {"under": list(_PREFIXES), "without": list(_HEADS), "strict": True},
            "pool": "last level, mean over voxels",
        }

    def load(self) -> None:
        """Build the network and load its weights; see `Encoder.load`."""
        from mmfeat.encoders.modules import merlin_features
        from mmfeat.encoders.network import FrozenNetwork
        from mmfeat.encoders.weights import load_strictly, read_state_dict, strip_prefix

        module = merlin_features(self._base_width, self._blocks)
        state = strip_prefix(read_state_dict(self._weights), _PREFIXES)
        state = {key: value for key, value in state.items() if not key.startswith(_HEADS)}
        load_strictly(module.encoder, state, self._weights)
        self._network = FrozenNetwork(module, self._device, precision=self._precision)

    def prepare(self, volume: Volume) -> Windows:
        """Return the scan's centre as one window: ``(1, 1, 224, 224, 160)``."""
        turned = reorient(volume, _AXES)
        grid = spacing_grid(turned, _SPACING_MM)
        # Cropping before resampling spares what would be thrown away, and gives the same voxels.
        centre = grid.cropped(centre_box(grid.shape, _SIZE_VOXELS))
        window = np.zeros(_SIZE_VOXELS, np.float32)
        inside = window[padding_box(centre.shape, _SIZE_VOXELS)]
        sampler = sampler_for(self._prepare_on, self._device)
        sampler.write_window(turned, centre, window_hu=_WINDOW_HU, out=inside)
        return window[None, None]

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Return one feature for each window: ``(windows, embedding_size)``."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch, usage)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Return the feature of the one window."""
        return np.asarray(features.mean(axis=0))


def _numbers(blocks: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in blocks.split("-") if part.isdecimal() and int(part) > 0)
    if len(numbers) != 4 or len(blocks.split("-")) != 4:
        raise EncoderError(
            "encoder merlin: option `blocks` must be four whole numbers such as 3-8-36-3, "
            f"got `{blocks}`"
        )
    return numbers
