"""Check a whole project before anything is computed."""

from dataclasses import replace

from mmfeat.config.loading import Project
from mmfeat.config.modalities import FeaturesModality, VolumeModality
from mmfeat.errors import CohortError, FeaturesError
from mmfeat.fusion import check_modalities
from mmfeat.stages.cohort import open_cohort, open_folds, table_records
from mmfeat.stages.cohort_summary import CohortSummary, summarise_cohort
from mmfeat.stages.leak_watch import leak_notes
from mmfeat.stages.record_encoders import check_record_encoders
from mmfeat.stages.seen_in_training import training_notes, unknown_collections
from mmfeat.stages.text_columns import check_text_models
from mmfeat.stages.training.plan import plan_training
from mmfeat.stages.volume_encoder import volume_encoder


def check_project(project: Project) -> CohortSummary:
    """Check names, weights, the table, embeddings and splits; nothing is written, no scan is read.

    Raises:
        MmfeatError: Something does not fit; the kind of the error says what.
    """
    for modality in project.settings.modalities.values():
        if isinstance(modality, VolumeModality):
            volume_encoder(project, modality, device="cpu")
    check_text_models(project)
    check_record_encoders(project)
    cohort = open_cohort(project)
    folds = open_folds(project, cohort, save=False)
    check_modalities(project.settings.train.methods, project.settings.modalities)
    plan_training(project.settings.train, cohort, len(folds))
    summary = summarise_cohort(project, cohort, folds)
    _check_embeddings(project, summary)
    notes = unknown_collections(project.settings.cohort.collections)
    notes += training_notes(project, cohort)
    notes += leak_notes(cohort, folds, table_records(project, cohort))
    return replace(summary, notes=summary.notes + notes)


def _check_embeddings(project: Project, summary: CohortSummary) -> None:
    """Refuse what training would refuse once the files of embeddings are joined to the cases."""
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, FeaturesModality) and not summary.modalities[name]:
            raise FeaturesError(
                f"{project.path(modality.file)}: none of its ids is a {modality.key} of the "
                f"manifest; correct the file or `modalities.{name}.key`"
            )
    n_empty = summary.availability.get("", 0)
    if n_empty:
        raise CohortError(
            f"{project.path(project.settings.cohort.manifest)}: nothing in any modality for "
            f"{n_empty} cases; give each a scan, a record or an embedding, or take its row out"
        )
