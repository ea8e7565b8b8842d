"""The heads of one fold and target, or of several that were learnt together, read from a run."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.errors import RecordError, TrainError
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion import load_head
from mmfeat.fusion.contract import Head
from mmfeat.fusion.predicting import predict_in_parts
from mmfeat.record_encoders.contract import RecordFitOptions
from mmfeat.stages.predicting.cox_baselines import read_baselines
from mmfeat.stages.predicting.ready_cases import ReadyCases
from mmfeat.stages.predicting.run_contents import Answerer, RunContents
from mmfeat.stages.predicting.saved_outcomes import SavedAnswers, read_outcomes
from mmfeat.stages.record_encoders import encoder_weights
from mmfeat.stages.training.cox_outcome import CoxOutcome
from mmfeat.stages.training.outcomes import Outcome, joint_task
from mmfeat.stages.training.target_encoder import read_encoder
from mmfeat.stages.training.target_features import TargetFeatures


@dataclass(frozen=True, eq=False)
class FoldHeads:
    """Hold the heads by seed, and how their answers are read."""

    task_name: str
    fold: int
    heads: tuple[Head, ...]
    outcomes: Mapping[str, Outcome]
    """Of each target that the heads answer, in the order of their outputs."""
    places: Mapping[str, slice]
    """Where each target's outputs are among those of a head."""
    answered: tuple[Mapping[str, SavedAnswers], ...]
    """For each head, how its answers are read."""
    features: TargetFeatures

    @classmethod
    def open(
        cls,
        contents: RunContents,
        one: Answerer,
        fold: int,
        fitted: FittedFeatures,
        project: Project,
    ) -> "FoldHeads":
        """Read all that one fold needs to answer.

        Raises:
            TrainError: A file of the run is missing or damaged.
        """
        of_fold = contents.folder / "folds" / str(fold)
        outcomes = read_outcomes(of_fold / "outcomes", one.places)
        task = joint_task(outcomes, contents.plan.weights_of(one.task_name))
        places = dict(zip(outcomes, (outputs for _, outputs, _ in task.places()), strict=True))
        has_cox = any(isinstance(outcome, CoxOutcome) for outcome in outcomes.values())
        heads, answered = [], []
        for key in contents.heads(one, fold):
            folder = key.folder(contents.folder)
            heads.append(load_head(folder))
            baselines = read_baselines(folder) if has_cox else {}
            answered.append(
                {
                    name: SavedAnswers(outcome, baselines.get(name))
                    for name, outcome in outcomes.items()
                }
            )
        encoders = {}
        for modality, name in one.variant.trained.items():
            folder = of_fold / "records" / one.task_name / name / modality
            try:
                encoders[modality] = read_encoder(folder, encoder_options(project, modality, name))
            except RecordError as error:
                raise TrainError(f"record encoder `{name}` of `{modality}`: {error}") from error
        features = TargetFeatures(fitted, encoders)
        return cls(one.task_name, fold, tuple(heads), outcomes, places, tuple(answered), features)

    def answers(
        self, cases: ReadyCases, visible: NDArray[np.bool_], target: str
    ) -> NDArray[np.float64]:
        """Return what each head says of a target: ``(heads, cases, outputs)``."""
        features, sets = cases.features(self.fold, self.task_name), cases.sets(self.fold)
        found = []
        for head, answered in zip(self.heads, self.answered, strict=True):
            predicted = predict_in_parts(head, features, visible, sets or None)
            found.append(answered[target].answers(predicted[:, self.places[target]], visible))
        return np.stack(found)


def encoder_options(project: Project, modality: str, encoder: str) -> RecordFitOptions:
    """Return what a fitted record encoder is read with."""
    return RecordFitOptions(weights=encoder_weights(project, modality, encoder))
