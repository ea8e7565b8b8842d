"""What the settings of a project say about an inspection: rules, thresholds, encoder."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders.contract import Encoder
from mmfeat.errors import ConfigError
from mmfeat.quality import Thresholds
from mmfeat.stages.inspection.thresholds import modality_thresholds
from mmfeat.stages.volume_encoder import reading_rules, volume_encoder
from mmfeat.volumes import ReadingRules

_DEFAULT_RULES, _DEFAULT_THRESHOLDS = ReadingRules(), Thresholds()


@dataclass(frozen=True)
class InspectSetup:
    """Say how a scan is read, what is remarked on, and whose view of it is shown."""

    rules: ReadingRules = _DEFAULT_RULES
    thresholds: Thresholds = _DEFAULT_THRESHOLDS
    encoder: Encoder | None = None


def setup_of_project(project: Project, modality: str | None, *, with_encoder: bool) -> InspectSetup:
    """Return what a project's settings say about the scans of one modality.

    Args:
        project: The project.
        modality: Name of one of kind `volume`; the first one when not given.
        with_encoder: Make the modality's encoder as well; its network is not built.

    Raises:
        ConfigError: There is no such modality, or its thresholds name an unknown code.
        EncoderError: The encoder cannot be made.
    """
    chosen = next(iter(volume_modalities(project, modality).values()))
    return InspectSetup(
        rules=reading_rules(chosen.reading),
        thresholds=modality_thresholds(chosen),
        encoder=volume_encoder(project, chosen, device="cpu").encoder if with_encoder else None,
    )


def volume_modalities(project: Project, wanted: str | None) -> Mapping[str, VolumeModality]:
    """Return the modalities of kind `volume`, or the wanted one of them.

    Raises:
        ConfigError: There is none, or none of that name.
    """
    volumes = {
        name: modality
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, VolumeModality)
    }
    if not volumes:
        raise ConfigError(f"{project.file}: no modality is of kind `volume`, so none has scans")
    if wanted is None:
        return volumes
    if wanted not in volumes:
        raise ConfigError(
            f"{project.file}: `{wanted}` is no modality with scans; there are: {', '.join(volumes)}"
        )
    return {wanted: volumes[wanted]}
