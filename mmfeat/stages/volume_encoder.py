"""The encoder of one volume modality, with all that its features depend on."""

from dataclasses import asdict, dataclass
from typing import Any

from mmfeat import encoders
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.config.reading import ReadingSettings
from mmfeat.encoders.contract import Encoder
from mmfeat.volumes import READER_VERSION, ReadingRules


@dataclass(frozen=True)
class VolumeEncoder:
    """Hold an encoder and the rules by which its volumes are read."""

    encoder: Encoder
    rules: ReadingRules

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that a feature depends on but its scan, as plain JSON values."""
        reading = {**asdict(self.rules), "code_version": READER_VERSION}
        return {**encoders.identity(self.encoder), "reading": reading}


def volume_encoder(project: Project, modality: VolumeModality, *, device: str) -> VolumeEncoder:
    """Make the encoder of a modality; its network is built only by `load`.

    Raises:
        EncoderError: The name, an option or the weights do not fit; the message says what does.
    """
    encoder = encoders.create(
        modality.encoder,
        weights=None if modality.weights is None else project.path(modality.weights),
        device=device,
        options=modality.options,
    )
    return VolumeEncoder(encoder, reading_rules(modality.reading))


def reading_rules(settings: ReadingSettings) -> ReadingRules:
    """Return the settings as the plain values that readers take."""
    values = settings.model_dump()
    lists = {name: tuple(values[name]) for name in ("prefer", "kernels")}
    return ReadingRules(**{**values, **lists})
