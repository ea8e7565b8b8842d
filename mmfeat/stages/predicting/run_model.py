"""A finished run, opened to answer new cases; of its cohort it needs no file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.config.settings import Settings
from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.stages.predicting.calibration_file import SavedCalibration
from mmfeat.stages.predicting.fold_heads import FoldHeads
from mmfeat.stages.predicting.portable_settings import OF_USERS
from mmfeat.stages.predicting.ready_cases import ReadyCases
from mmfeat.stages.predicting.run_answers import RunAnswers
from mmfeat.stages.predicting.run_contents import RunContents
from mmfeat.stages.predicting.sealed_folder import is_sealed, open_sealed
from mmfeat.stages.predicting.trained_patients import known_patients
from mmfeat.stages.training.outcomes import Outcome
from mmfeat.stages.training.target_features import TargetFeatures

Array = NDArray[np.float64]


class RunModel:
    """Answer new cases with the heads of one method of a run, of all folds and seeds.

    Heads are read when they are first needed.

    Example:
        >>> model = RunModel.open(Path("run"))  # doctest: +SKIP
        >>> cases = model.ready(table)  # doctest: +SKIP
        >>> model.answers(cases, cases.present, "cancer").mean  # doctest: +SKIP
    """

    def __init__(self, contents: RunContents, method: str, *, facts: dict[str, Any] | None) -> None:
        self.folder = contents.folder
        self.method = method
        self.facts = facts
        """What an exported folder says of itself; None of a run folder."""
        self.project = project_of(contents, is_exported=facts is not None)
        self._contents = contents
        self._answerers = contents.answerers(method)
        self._calibration = SavedCalibration.read(contents.folder)
        self._fitted = {
            fold: FittedFeatures.load(self.folder / "folds" / str(fold) / "features")
            for fold in range(self.n_folds)
        }
        self._heads: dict[tuple[int, str], FoldHeads] = {}

    @classmethod
    def open(cls, folder: Path, *, method: str | None = None) -> "RunModel":
        """Open a run folder, or a folder that `mmfeat export` wrote.

        Args:
            folder: The folder.
            method: A method by its name in results, such as `mmfeat` or `paper@plr`; the run's
                first when not given.

        Raises:
            TrainError: It is no finished run, is damaged, or has no such method.
        """
        facts = open_sealed(folder, beside=OF_USERS) if is_sealed(folder) else None
        return cls.of_contents(folder, method=method, facts=facts)

    @classmethod
    def of_contents(
        cls, folder: Path, *, method: str | None = None, facts: dict[str, Any] | None = None
    ) -> "RunModel":
        """Open a folder without comparing its files with their digests; see `open`."""
        contents = RunContents.read(folder)
        if not contents.methods:
            raise TrainError(f"{folder}: no method has heads in every fold; train again")
        return cls(contents, method or contents.methods[0], facts=facts)

    @property
    def is_exported(self) -> bool:
        """Say whether the folder was exported, and knows nothing of the cohort's files."""
        return self.facts is not None

    @property
    def settings(self) -> Settings:
        """Return the settings that the run was trained with."""
        return self.project.settings

    @property
    def modalities(self) -> tuple[str, ...]:
        """Return the names of the modalities, in order."""
        return tuple(self.settings.modalities)

    @property
    def methods(self) -> tuple[str, ...]:
        """Return all methods that the folder has heads of."""
        return self._contents.methods

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the targets that the method answers."""
        return tuple(self._answerers)

    @property
    def kinds(self) -> dict[str, str]:
        """Return the kind of each of the targets."""
        return {name: self._contents.kinds[name] for name in self.targets}

    @property
    def n_folds(self) -> int:
        """Return the number of folds, each with heads of its own."""
        return self._contents.plan.n_folds

    @property
    def reads_sets(self) -> bool:
        """Say whether the heads read the sets of scans or tokens."""
        methods = self._contents.plan.methods
        return any(methods[one.method].reads_sets for one in self._answerers.values())

    @property
    def widths(self) -> dict[str, int]:
        """Return the width of each modality of vectors, before scaling."""
        return {name: scaling.width for name, scaling in self._fitted[0].vectors.items()}

    @property
    def set_widths(self) -> dict[str, int]:
        """Return the width of the vectors of each modality that is kept as sets."""
        return {name: scaling.width for name, scaling in self._fitted[0].sets.items()}

    def input_widths(self, fold: int, target: str) -> dict[str, int]:
        """Return how wide what the heads of a fold take of each modality is."""
        features = self.heads_of(fold, target).features
        return {
            name: width
            + (features.encoders[name].encoder.width if name in features.encoders else 0)
            for name, width in features.fitted.widths.items()
        }

    def features_of_fold(self, fold: int) -> FittedFeatures:
        """Return what was fitted to the training part of a fold: scales and categories."""
        return self._fitted[fold]

    def outcome(self, target: str, fold: int = 0) -> Outcome:
        """Return how a target was fitted to the training part of a fold."""
        return self.heads_of(fold, target).outcomes[target]

    def outputs(self, target: str) -> tuple[str, ...]:
        """Return the names of a target's outputs, as in predictions.parquet."""
        return self.outcome(target).names

    def ready(self, table: FeatureTable) -> ReadyCases:
        """Return cases as the heads take them; each fold's arrays are made once."""
        return ReadyCases(table, self._fitted, self._encoders, reads_sets=self.reads_sets)

    def answers(
        self,
        cases: ReadyCases,
        visible: NDArray[np.bool_],
        target: str,
        *,
        recalibrated: bool = True,
    ) -> RunAnswers:
        """Return what all heads say of a target.

        Args:
            cases: From `ready`.
            visible: What they may see of each case, ``(cases, modalities)``: something that is
                there.
            target: One of the targets.
            recalibrated: Recalibrate each fold's answers as fitted to its validation part; those of
                a run that was not evaluated stay as they are.
        """
        _check_visible(visible, cases.present)
        by_head = tuple(
            self.heads_of(fold, target).answers(cases, visible, target)
            for fold in range(self.n_folds)
        )
        of_folds = [heads.mean(axis=0) for heads in by_head]
        spread: Sequence[Array] = [one for heads in by_head for one in heads]
        kind = None
        if recalibrated:
            kind = self._calibration.kind(target, self.method)
            of_folds = [
                self.recalibrated(target, fold, answers, visible)
                for fold, answers in enumerate(of_folds)
            ]
            spread = [
                self.recalibrated(target, fold, one, visible)
                for fold, heads in enumerate(by_head)
                for one in heads
            ]
        sd = np.std(spread, axis=0)
        return RunAnswers(self.outputs(target), by_head, np.stack(of_folds), sd, kind)

    def recalibrated(
        self, target: str, fold: int, answers: Array, visible: NDArray[np.bool_]
    ) -> Array:
        """Return the answers of one fold, recalibrated by what is seen of each case.

        Shape:
            - ``answers`` and output: ``(cases, outputs)``; ``visible``: ``(cases, modalities)``.
        """
        return self._calibration.applied(
            (target, self.method, fold), answers, visible, self.modalities
        )

    def known_patients(self, patient_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of some patients who are of the cohort that the run was trained on.

        Raises:
            TrainError: The folder does not say who was.
        """
        return known_patients(self.folder, patient_ids, self.facts)

    def heads_of(self, fold: int, target: str) -> FoldHeads:
        """Return the heads of a fold that answer a target; they are read once."""
        one = self._answerers[target]
        if (fold, one.task_name) not in self._heads:
            self._heads[fold, one.task_name] = FoldHeads.open(
                self._contents, one, fold, self._fitted[fold], self.project
            )
        return self._heads[fold, one.task_name]

    def _encoders(self, fold: int, task_name: str) -> TargetFeatures:
        target = next(name for name, one in self._answerers.items() if one.task_name == task_name)
        return self.heads_of(fold, target).features


def project_of(contents: RunContents, *, is_exported: bool = False) -> Project:
    """Return the project of the run; of an exported folder one whose paths are in that folder."""
    folder = contents.folder.absolute()
    if is_exported:
        return Project(contents.settings, folder / "mmfeat.yaml")
    named = contents.known.get("settings_file")
    if named is not None:
        return Project(contents.settings, (folder / named).resolve())
    run = contents.settings.train.run  # earlier versions did not say
    depth = 0 if run.is_absolute() else len(run.parts)
    return Project(contents.settings, folder.parents[max(depth - 1, 0)] / "mmfeat.yaml")


def _check_visible(visible: NDArray[np.bool_], present: NDArray[np.bool_]) -> None:
    if visible.shape != present.shape or visible.dtype != bool:
        found = f"{visible.dtype} {visible.shape}"
        raise ValueError(f"visible must be bool {present.shape}, got {found}")
    hidden = np.flatnonzero((visible & ~present).any(axis=1))
    if len(hidden):
        raise ValueError(f"row {hidden[0]} is to be seen through a modality that it has not")
    empty = np.flatnonzero(~visible.any(axis=1))
    if len(empty):
        raise ValueError(f"row {empty[0]} has no visible modality")
