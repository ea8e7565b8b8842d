"""Examine whether an encoder has seen the cohort's scans in its training."""

from collections.abc import Iterator

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders.describing import all_encoders
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.doctor.finding import Finding
from mmfeat.stages.seen_in_training import seen_by_encoder, unknown_collections


def collection_findings(project: Project, cohort: Cohort) -> Iterator[Finding]:
    """Warn of every encoder that has, and of names that mean no collection; else say nothing."""
    for note in unknown_collections(project.settings.cohort.collections):
        message, _, fix = note.rpartition("; ")
        yield Finding("collections", "warning", message, fix)
    known = all_encoders()  # that an encoder does not exist is said with its weights
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, VolumeModality) and modality.encoder in known:
            for seen in seen_by_encoder(project, cohort, name, modality):
                yield Finding(f"{name} training", "warning", seen.message, seen.advice)
