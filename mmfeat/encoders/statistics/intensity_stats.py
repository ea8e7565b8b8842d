"""Statistics of a scan in place of a network: densities, texture, and lumps in the lungs."""

from typing import Any, ClassVar

import numpy as np

from mmfeat.encoders.contract import DeviceUsage, Embedding, WindowFeatures, Windows
from mmfeat.encoders.options import Option, WeightsSource
from mmfeat.encoders.recipe import ModelFacts
from mmfeat.encoders.sampler_choice import PrepareOn
from mmfeat.encoders.statistics.measured import (
    BODY_BANDS_HU,
    DENSE_HU,
    EMPHYSEMA_HU,
    LUMP_SCALES_MM,
    PERCENTILES,
    RADII_MM,
)
from mmfeat.preprocessing.averaging import average_towards
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes.volume import Volume

_AXES = "SPL"
_LOWEST_HU = -1024.0


class IntensityStats:
    """Some ninety statistics of the body and the lungs; no network, no weights.

    An honest floor: what a trained encoder adds has to be seen beside it. Numbers about the lungs
    are 0 where there are none.
    """

    name = "intensity-stats"
    embedding_size = token_size = 89
    summary = "statistics of densities, texture and lumps in the lungs; no network, no weights"
    weights_source: ClassVar[WeightsSource | None] = None
    facts: ClassVar = ModelFacts(
        body="any; more of lungs",
        n_parameters=0,
        code_licence="Apache-2.0",
        weights_licence="-",
        trained_on=(),
        verified="no weights",
        notes=("ours, made by hand",),
    )
    options: ClassVar = {
        "spacing_mm": Option(
            3.0,
            "voxels are averaged in whole blocks up to this size; coarser ones stay",
            minimum=0.5,
        )
    }
    weights_sha256 = None
    usual_batch = 1
    windows_alone = False

    def __init__(
        self,
        *,
        device: str = "auto",  # noqa: ARG002 - no network to place
        prepare_on: PrepareOn = "auto",  # noqa: ARG002 - all of it is NumPy
        spacing_mm: float = 3.0,
    ) -> None:
        self._spacing_mm = spacing_mm
        self.recipe = self.recipe_of(spacing_mm=spacing_mm)

    @staticmethod
    def recipe_of(*, spacing_mm: float) -> dict[str, Any]:
        """Return what is done to a volume, as plain JSON values."""
        return {
            "code_version": 1,
            "prepare": [
                {"orient": _AXES},
                {"average_blocks_towards_mm": spacing_mm},
                {"clip_hu_from": _LOWEST_HU},
                {"regions": "body, lungs, outline of the lungs"},
                {"percentiles": list(PERCENTILES), "of": "body, lungs"},
                {"shares_in_bands_hu": list(BODY_BANDS_HU), "of": "body"},
                {"shares_below_hu": list(EMPHYSEMA_HU), "of": "lungs"},
                {"texture": "deviation of 3 bands of detail", "of": "body, lungs"},
                {"thickness_above_hu": list(DENSE_HU), "radii_mm": list(RADII_MM)},
                {"roundness_scales_mm": list(LUMP_SCALES_MM)},
            ],
            "pool": "none: one vector",
        }

    def load(self) -> None:
        """Do nothing: there is no network."""

    def prepare(self, volume: Volume) -> Windows:
        """Return all statistics as one window: ``(1, embedding_size)``.

        They are made here, not in ``encode``, so that the reading threads share the work.
        """
        from mmfeat.encoders.statistics.scan_statistics import scan_statistics

        averaged = average_towards(reorient(volume, _AXES), (self._spacing_mm,) * 3)
        hu = np.maximum(averaged.hu.astype(np.float32), np.float32(_LOWEST_HU))
        return np.array([scan_statistics(hu, averaged.spacing_mm)], np.float32)

    def encode(
        self,
        batch: Windows,
        usage: DeviceUsage | None = None,  # noqa: ARG002 - nothing runs on a device
    ) -> WindowFeatures:
        """Return the statistics as they are."""
        return batch

    def pool(self, features: WindowFeatures) -> Embedding:
        """Return the statistics of the one window."""
        return np.asarray(features.mean(axis=0))
