"""From the settings of quality to the plain thresholds that rules take."""

from collections.abc import Iterable
from dataclasses import replace

from mmfeat.config.modalities import VolumeModality
from mmfeat.config.quality import QualitySettings
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import ConfigError
from mmfeat.quality import CODES, Severity, Thresholds


def quality_thresholds(settings: QualitySettings) -> Thresholds:
    """Return the settings as the plain values that the rules take.

    Raises:
        ConfigError: A code that is to be ignored, or to have another severity, does not exist.
    """
    _require_codes("quality.severities", settings.severities)
    _require_codes("quality.ignore", settings.ignore)
    values = settings.model_dump()
    values |= {name: tuple(values[name]) for name in ("air_hu", "soft_tissue_hu")}
    return Thresholds(**{**values, "ignore": frozenset(settings.ignore)})


def _require_codes(place: str, codes: Iterable[str]) -> None:
    for code in codes:
        if code not in CODES:
            raise ConfigError(
                f"{place}: unknown code `{code}`{did_you_mean(code, CODES)}; there are: "
                f"{', '.join(CODES)}"
            )


def modality_thresholds(modality: VolumeModality) -> Thresholds:
    """Return the thresholds that the settings of a modality ask for.

    Who reads values that are no Hounsfield units on purpose is only warned of them.

    Raises:
        ConfigError: As `quality_thresholds`.
    """
    thresholds = quality_thresholds(modality.quality)
    if modality.reading.check_hu:
        return thresholds
    severities: dict[str, Severity] = {"not-hounsfield": "warn", **thresholds.severities}
    return replace(thresholds, severities=severities)
