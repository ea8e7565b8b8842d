"""Where record encoders of one fold and target are, and what they are fitted to."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.config.loading import Project
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.manifest.cohort import Cohort, Fold, TargetValues
from mmfeat.provenance import fingerprint
from mmfeat.record_encoders.contract import RecordFitOptions, RecordTask
from mmfeat.stages.record_encoders import encoder_weights
from mmfeat.stages.training.encoder_identity import encoder_identity
from mmfeat.stages.training.fold import digest_of_split
from mmfeat.stages.training.outcomes import Outcome, fitted_outcome
from mmfeat.tabular.column_inputs import ColumnInputs

_SEED = 0
"""Encoders are fitted once for each fold and target, whatever the seeds of the heads."""


@dataclass(frozen=True)
class EncoderPlace:
    """Say of which fold and target encoders are."""

    project: Project
    run: Path
    cohort: Cohort
    table: FeatureTable
    fold: Fold
    number: int
    """Number of the fold."""
    target: str
    fitted: FittedFeatures
    """Features as fitted to the fold's training part."""

    def folder(self, encoder: str, modality: str) -> Path:
        """Return the folder of one encoder."""
        of_fold = self.run / "folds" / str(self.number)
        return of_fold / "records" / self.target / encoder / modality

    def task(self, modality: str) -> RecordTask:
        """Return what the encoder of one modality is fitted to."""
        outcome = self._outcome()
        part = outcome.part
        if part.kind == "cox":  # its outcome for encoders is that of hazards
            raise ValueError(f"`{self.target}`: encoders are fitted to hazards, not to cox")
        labels = outcome.labels(self._values.values)
        usable = np.flatnonzero(self.table.has(modality) & ~np.isnan(labels).all(axis=1))
        return RecordTask(
            labels=labels,
            kind=part.kind,
            n_outputs=part.n_outputs,
            patient_ids=self.cohort.patient_ids,
            train=np.intersect1d(self.fold.train, usable),
            val=np.intersect1d(self.fold.val, usable),
        )

    @property
    def _values(self) -> TargetValues:
        """Return the values of the target; of a group that is learnt together, of the first."""
        group = self.project.settings.train.joint.get(self.target)
        return self.cohort.targets[next(iter(group)) if group else self.target]

    def _outcome(self) -> Outcome:
        """Return the target as fitted to the training part; times as hazards of intervals."""
        values = self._values
        if values.times is not None:
            values = replace(values, times=replace(values.times, is_cox=False))
        return fitted_outcome(values, self.fold.train)

    def identity(
        self, encoder: str, modality: str, inputs: ColumnInputs, options: RecordFitOptions
    ) -> dict[str, Any]:
        """Return everything that the numbers of one encoder come from."""
        labels = self._values
        place = {
            "modality": modality,
            "target": self.target,
            "kind": labels.kind,
            "outputs": list(labels.names),
            "fold": self.number,
            "split": digest_of_split(self.cohort, self.fold),
            "columns": fingerprint(self.fitted.records[modality].to_json()),
        }
        return encoder_identity(encoder, inputs, self.task(modality), place=place, options=options)

    def options(self, encoder: str, modality: str, device: str) -> RecordFitOptions:
        """Return how the encoder of one modality is fitted."""
        weights = encoder_weights(self.project, modality, encoder)
        most = self.project.settings.train.epochs
        return RecordFitOptions(seed=_SEED, device=device, most_epochs=most, weights=weights)
