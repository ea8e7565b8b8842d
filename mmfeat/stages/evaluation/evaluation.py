"""What every block of the results is made from: the run as it was opened, and its predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.loading import Project
from mmfeat.config.settings import Settings
from mmfeat.progress import Progress
from mmfeat.report import ResultOptions, ScoredCases, View, read_views
from mmfeat.stages.evaluation.prediction import Predictions
from mmfeat.stages.evaluation.validation_views import read_validation
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.training.trained_run import TrainedRun


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Hold one evaluation of a run, after all predictions are made."""

    opened: OpenRun
    """Of the project with the methods, seeds and targets that the run has, whatever the settings
    file names."""
    trained: TrainedRun
    predictions: Predictions
    views: Mapping[View, ScoredCases]
    """Predictions of the test parts, a case once in each."""
    validation: Mapping[int, Mapping[View, ScoredCases]]
    """For each fold the predictions of its validation part, for what is chosen or fitted after
    training: thresholds and recalibrations, never a metric."""
    options: ResultOptions
    progress: Progress

    @classmethod
    def of(
        cls, opened: OpenRun, trained: TrainedRun, predictions: Predictions, progress: Progress
    ) -> "Evaluation":
        """Take the predictions apart.

        Raises:
            EvalError: A prediction is not what it should be.
        """
        settings = opened.project.settings
        kinds = kinds_of(settings)
        return cls(
            opened,
            trained,
            predictions,
            views=read_views(predictions.views, kinds),
            validation=read_validation(predictions.validation, kinds),
            options=result_options(settings),
            progress=progress,
        )

    @property
    def project(self) -> Project:
        """Return the project."""
        return self.opened.project

    @property
    def settings(self) -> Settings:
        """Return the project's settings."""
        return self.project.settings

    @property
    def run(self) -> Path:
        """Return the run folder."""
        return self.opened.run

    def views_of(self, target: str) -> dict[View, ScoredCases]:
        """Return the predictions of one target's test parts."""
        return {view: cases for view, cases in self.views.items() if view.target == target}

    def validation_of(self, view: View) -> dict[int, ScoredCases]:
        """Return what is known of one view's validation parts, by fold."""
        return {fold: views[view] for fold, views in self.validation.items() if view in views}


def result_options(settings: Settings) -> ResultOptions:
    """Return how the settings want intervals to be made."""
    evaluation = settings.eval
    return ResultOptions(
        n_resamples=evaluation.resamples,
        confidence=evaluation.confidence,
        bins=evaluation.calibration_bins,
        seed=evaluation.seed,
    )


def kinds_of(settings: Settings) -> dict[str, str]:
    """Return the kind of each target."""
    return {name: target.kind for name, target in settings.cohort.targets.items()}
