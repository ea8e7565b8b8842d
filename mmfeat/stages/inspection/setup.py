"""What the settings of a project say about an inspection: rules, thresholds, encoder."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.preparer import Preparer
from mmfeat.errors import ConfigError
from mmfeat.manifest.regions import MaskOfInterest, Region
from mmfeat.quality import Thresholds
from mmfeat.stages.inspection.thresholds import modality_thresholds
from mmfeat.stages.scan_tokens import TokenRule
from mmfeat.stages.volume_encoder import reading_rules, volume_encoder
from mmfeat.volumes import PointRules, ReadingRules

_DEFAULT_RULES, _DEFAULT_THRESHOLDS = ReadingRules(), Thresholds()
_LARGEST_PART = PointRules("mask", part="largest")


@dataclass(frozen=True)
class InspectSetup:
    """Say how a scan is read, what is remarked on, and whose view of it is shown."""

    rules: ReadingRules = _DEFAULT_RULES
    thresholds: Thresholds = _DEFAULT_THRESHOLDS
    encoder: Encoder | Preparer | None = None
    tokens: TokenRule | None = None
    """Which tokens of a scan the encoder's modality keeps; None: none."""
    region: Region | None = None
    """Where the point of interest is that is shown."""
    mask_rules: PointRules = _LARGEST_PART
    """How it is found in a mask."""

    @property
    def point_rules(self) -> PointRules:
        """How the point of interest is found."""
        return self.mask_rules if isinstance(self.region, MaskOfInterest) else PointRules("point")


def setup_of_project(
    project: Project, modality: str | None, *, with_encoder: bool, trust_code: bool = False
) -> InspectSetup:
    """Return what a project's settings say about the scans of one modality.

    Args:
        project: The project.
        modality: Name of one of kind `volume`; the first one when not given.
        with_encoder: Make the modality's encoder as well; its network is not built.
        trust_code: Whether an encoder may run code that its weights bring, to prepare a scan.

    Raises:
        ConfigError: There is no such modality, or its thresholds name an unknown code.
        EncoderError: The encoder cannot be made.
    """
    chosen = next(iter(volume_modalities(project, modality).values()))
    made = None
    if with_encoder:
        made = volume_encoder(project, chosen, device="cpu", trust_code=trust_code)
    mask = chosen.mask
    return InspectSetup(
        rules=reading_rules(chosen.reading),
        thresholds=modality_thresholds(chosen),
        mask_rules=_LARGEST_PART if mask is None else PointRules("mask", mask.label, mask.part),
        encoder=None if made is None else made.encoder,
        tokens=None if made is None else made.tokens,
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
