"""The encoder of one volume modality, with all that its features depend on."""

from dataclasses import asdict, dataclass
from typing import Any

from mmfeat import encoders
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.config.reading import ReadingSettings
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.sampler_choice import PrepareOn
from mmfeat.stages.inspection.thresholds import modality_thresholds
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.volumes import READER_VERSION, ReadingRules

_USUAL_GATE = QualityGate()


@dataclass(frozen=True)
class VolumeEncoder:
    """Hold an encoder, the rules by which its volumes are read, and which of them are used."""

    encoder: Encoder
    rules: ReadingRules
    gate: QualityGate = _USUAL_GATE

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that a feature depends on but its scan, as plain JSON values.

        The gate is no part of it: it decides whether a feature is used, not what it is.
        """
        reading = {**asdict(self.rules), "code_version": READER_VERSION}
        return {**encoders.identity(self.encoder), "reading": reading}


def volume_encoder(
    project: Project, modality: VolumeModality, *, device: str, prepare_on: PrepareOn = "auto"
) -> VolumeEncoder:
    """Make the encoder of a modality; its network is built only by `load`.

    Raises:
        EncoderError: The name, an option or the weights do not fit; the message says what does.
        ConfigError: The settings of quality name a code that does not exist.
    """
    encoder = encoders.create(
        modality.encoder,
        weights=None if modality.weights is None else project.path(modality.weights),
        device=device,
        prepare_on=prepare_on,
        options=modality.options,
    )
    thresholds = modality_thresholds(modality)
    return VolumeEncoder(encoder, reading_rules(modality.reading), QualityGate(thresholds))


def reading_rules(settings: ReadingSettings) -> ReadingRules:
    """Return the settings as the plain values that readers take."""
    values = settings.model_dump()
    lists = {name: tuple(values[name]) for name in ("prefer", "kernels")}
    return ReadingRules(**{**values, **lists})
