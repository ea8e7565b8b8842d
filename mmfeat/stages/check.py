"""Check a whole project before anything is computed."""

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.fusion import get_method
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.cohort_summary import CohortSummary, summarise_cohort
from mmfeat.stages.volume_encoder import volume_encoder


def check_project(project: Project) -> CohortSummary:
    """Check names, weights, the table, embeddings and splits; nothing is written, no scan is read.

    Raises:
        MmfeatError: Something does not fit; the kind of the error says what.
    """
    for method in project.settings.train.methods:
        get_method(method)
    for modality in project.settings.modalities.values():
        if isinstance(modality, VolumeModality):
            volume_encoder(project, modality, device="cpu")
    cohort = open_cohort(project)
    return summarise_cohort(project, cohort, open_folds(project, cohort, save=False))
