"""The settings of a run where it is used: caches, weights and devices are this machine's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from mmfeat.config.loading import Project
from mmfeat.config.messages import in_lines, setting_faults
from mmfeat.config.modalities import TableModality, VolumeModality
from mmfeat.config.overrides import apply_overrides
from mmfeat.config.settings import Settings
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import ConfigError


def with_overrides(project: Project, overrides: Sequence[str]) -> Project:
    """Return a project with settings of the command line, of those that new cases need.

    Raises:
        ConfigError: One is not of `extract` or `modalities`, or is wrong.
    """
    for one in overrides:
        if not one.startswith(("extract.", "modalities.")):
            raise ConfigError(
                f"--set {one}: a run is used as it was trained; only `extract.` and `modalities.` "
                "can be set, to say how and from where scans are read"
            )
    if not overrides:
        return project
    content = project.settings.model_dump(mode="json")
    apply_overrides(content, overrides)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        faults = [fault.line for fault in setting_faults(error)]
        raise ConfigError(in_lines("--set", faults)) from error
    return replace(project, settings=settings)


def with_weights(project: Project, weights: Mapping[str, Path]) -> Project:
    """Return a project whose modalities of scans take their weights from given files.

    Raises:
        ConfigError: A name is none of such a modality.
    """
    modalities = dict(project.settings.modalities)
    for name, file in weights.items():
        modality = modalities.get(name)
        if not isinstance(modality, VolumeModality):
            known = [n for n, one in modalities.items() if isinstance(one, VolumeModality)]
            raise ConfigError(
                f"--weights {name}=...: the run has no modality of scans of that name"
                + (did_you_mean(name, known) or f"; it has {', '.join(known) or 'none'}")
            )
        modalities[name] = modality.model_copy(update={"weights": file.absolute()})
    settings = project.settings.model_copy(update={"modalities": modalities})
    return replace(project, settings=settings)


def with_cache(project: Project, cache: Path) -> Project:
    """Return a project that keeps features in another folder."""
    extract = project.settings.extract.model_copy(update={"cache": cache.absolute()})
    return replace(project, settings=project.settings.model_copy(update={"extract": extract}))


def check_files(project: Project, files: Mapping[str, Path]) -> None:
    """See that each file is of a modality that is read from one, and is there.

    Raises:
        ConfigError: One is not.
    """
    for name, file in files.items():
        modality = project.settings.modalities.get(name)
        is_in_manifest = isinstance(modality, VolumeModality) and modality.scans is None
        if modality is None or isinstance(modality, TableModality) or is_in_manifest:
            raise ConfigError(
                f"--file {name}=...: the run has no modality of that name that is read from a "
                "table of scans or a file of embeddings"
            )
        if not file.exists():
            raise ConfigError(f"--file {name}={file}: no such file")
