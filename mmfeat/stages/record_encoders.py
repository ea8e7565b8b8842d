"""The encoders of records that a project names, and whether they can be used here."""

from pathlib import Path

from mmfeat.config.loading import Project
from mmfeat.config.modalities import TableModality
from mmfeat.config.record_variants import BASIC_ENCODER
from mmfeat.errors import RecordError
from mmfeat.record_encoders import get_record_encoder


def check_record_encoders(project: Project) -> None:
    """See that every encoder of a record exists, and that its packages and weights are here.

    Raises:
        RecordError: One does not, or they are not; the message names the setting.
    """
    for modality, settings in project.settings.modalities.items():
        if not isinstance(settings, TableModality):
            continue
        for name in settings.encoders:
            if name == BASIC_ENCODER:
                continue
            try:
                kind = get_record_encoder(name)
                kind.check_ready(encoder_weights(project, modality, name))
            except RecordError as error:
                raise RecordError(f"modalities.{modality}.encoder: {error}") from error


def encoder_weights(project: Project, modality: str, encoder: str) -> Path | None:
    """Return the file with the weights of one modality's encoder; None where none is given."""
    settings = project.settings.modalities[modality]
    given = settings.encoder_weights if isinstance(settings, TableModality) else {}
    return project.path(given[encoder]) if encoder in given else None
