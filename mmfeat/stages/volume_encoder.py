"""The encoder of one volume modality, with all that its features depend on."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat import encoders
from mmfeat.cache import TOKENS_FIELD
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.config.reading import ReadingSettings
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.own.file_recipe import is_shipped_name
from mmfeat.encoders.sampler_choice import PrepareOn
from mmfeat.stages.inspection.thresholds import modality_thresholds
from mmfeat.stages.points_of_interest import point_rules_of
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.stages.scan_tokens import TokenRule
from mmfeat.volumes import POINTS_VERSION, READER_VERSION, PointRules, ReadingRules

_USUAL_GATE = QualityGate()
_BYTES_BESIDE_FEATURE = 1200
"""Of a scan in a shard: what was measured of it, and digests."""


@dataclass(frozen=True)
class VolumeEncoder:
    """Hold an encoder, the rules by which its volumes are read, and which of them are used."""

    encoder: Encoder
    rules: ReadingRules
    gate: QualityGate = _USUAL_GATE
    tokens: TokenRule | None = None
    """Which tokens of a scan are kept beside its vector; None: none."""
    point_rules: PointRules | None = None
    """How its point of interest is found; None where the encoder looks at all of a scan."""

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that a feature depends on but its scan, as plain JSON values.

        The gate is no part of it: it decides whether a feature is used, not what it is.
        """
        reading = {**asdict(self.rules), "code_version": READER_VERSION}
        if self.point_rules is not None:
            reading["point"] = {**asdict(self.point_rules), "code_version": POINTS_VERSION}
        identity = {**encoders.identity(self.encoder), "reading": reading}
        if self.tokens is not None:
            identity[TOKENS_FIELD] = self.tokens.recipe
        return identity

    def row_bytes(self, n_windows: int | None = None) -> int:
        """Return what a scan takes in a shard.

        Args:
            n_windows: Of the scan; the most that can count where it is not known.
        """
        row = _BYTES_BESIDE_FEATURE + 4 * self.encoder.embedding_size
        if self.tokens is None:
            return row
        most = self.tokens.max_tokens
        n_tokens = most if n_windows is None else min(n_windows, most)
        return row + 4 * self.tokens.token_size * n_tokens


def volume_encoder(
    project: Project,
    modality: VolumeModality,
    *,
    device: str,
    prepare_on: PrepareOn = "auto",
    trust_code: bool = False,
) -> VolumeEncoder:
    """Make the encoder of a modality; its network is built only by `load`.

    Args:
        project: Whose folder paths are relative to.
        modality: Whose encoder.
        device: Where its network is to run.
        prepare_on: Who prepares scans.
        trust_code: Whether `load` may run code that the weights bring.

    Raises:
        EncoderError: The name, an option or the weights do not fit; the message says what does.
        ConfigError: The settings of quality name a code that does not exist, or the encoder needs a
            point and they name none.
    """
    point_rules = point_rules_of(modality)
    encoder = encoders.create(
        modality.encoder,
        weights=None if modality.weights is None else project.path(modality.weights),
        device=device,
        prepare_on=prepare_on,
        options=modality.options,
        recipe_file=recipe_file_of(project, modality),
        trust_code=trust_code,
    )
    thresholds = modality_thresholds(modality)
    tokens = None
    if modality.features == "tokens":
        tokens = TokenRule(modality.max_tokens, encoder.token_size)
    return VolumeEncoder(
        encoder,
        reading_rules(modality.reading),
        QualityGate(thresholds),
        tokens,
        point_rules,
    )


def recipe_file_of(project: Project, modality: VolumeModality) -> Path | None:
    """Return the recipe file of a modality: the name of a shipped one as it is, or else a path."""
    given = modality.recipe_file
    if given is None or is_shipped_name(given):
        return given
    return project.path(given)


def reading_rules(settings: ReadingSettings) -> ReadingRules:
    """Return the settings as the plain values that readers take."""
    values = settings.model_dump()
    lists = {name: tuple(values[name]) for name in ("prefer", "kernels")}
    return ReadingRules(**{**values, **lists})
