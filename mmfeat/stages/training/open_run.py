"""Everything of a run that is the same for all its heads, in training and in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.loading import Project
from mmfeat.config.record_variants import record_variants
from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable
from mmfeat.fusion import check_modalities
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.networks.network_inputs import NO_SETS
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.features import open_features
from mmfeat.stages.record_encoders import check_record_encoders
from mmfeat.stages.training.plan import TrainingPlan, fit_options, plan_training


@dataclass(frozen=True)
class OpenRun:
    """Hold what is the same for all heads of a run, in training and in use."""

    project: Project
    run: Path
    cohort: Cohort
    folds: Sequence[Fold]
    table: FeatureTable
    plan: TrainingPlan
    options: FitOptions
    """Numbers of the training of networks, where a head's setting has no others."""


def open_run(project: Project) -> OpenRun:
    """Open everything that heads are trained on, and plan which there are to be.

    Raises:
        MmfeatError: Something of the project cannot be used.
    """
    settings = project.settings.train
    check_record_encoders(project)
    check_modalities(settings.methods, project.settings.modalities)
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    variants = record_variants(project.settings.modalities)
    plan = plan_training(settings, cohort, len(folds), variants)
    table = open_features(project, cohort, with_tokens=plan.reads_sets)
    if plan.reads_sets and not table.sets:
        raise TrainError(NO_SETS)
    return OpenRun(
        project=project,
        run=project.path(settings.run),
        cohort=cohort,
        folds=folds,
        table=table,
        plan=plan,
        options=fit_options(settings),
    )
