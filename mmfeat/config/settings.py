"""The settings of one project, as read from its YAML file."""

from typing import Annotated

from pydantic import Field, model_validator

from mmfeat.config.base import Name, StrictModel
from mmfeat.config.cohort import CohortSettings
from mmfeat.config.launching import LaunchSettings
from mmfeat.config.learning import EvalSettings, TrainSettings
from mmfeat.config.modalities import ExtractSettings, Modality
from mmfeat.config.record_variants import record_variants


class Settings(StrictModel):
    """Everything that mmfeat is told: one file, six sections."""

    cohort: CohortSettings
    """The manifest, the targets and the splits."""
    modalities: Annotated[dict[Name, Modality], Field(min_length=1)]
    """Named sources of features: scans, records, embeddings made elsewhere."""
    extract: ExtractSettings = ExtractSettings()
    """How volumes are embedded."""
    train: TrainSettings = TrainSettings()
    """Which heads are trained, and how."""
    eval: EvalSettings = EvalSettings()
    """How results are stated."""
    launch: Annotated[LaunchSettings, Field(exclude=True)] = LaunchSettings()
    """How several processes share the work. It changes no number and may name machines, so it is
    left out wherever settings are kept or compared."""

    @model_validator(mode="after")
    def _check_targets(self) -> "Settings":
        for target in self.train.targets or []:
            if target not in self.cohort.targets:
                known = list(self.cohort.targets)
                raise ValueError(f"train.targets: `{target}` is not one of the targets {known}")
        for group, weights in self.train.joint.items():
            if group in self.cohort.targets:
                raise ValueError(f"train.joint: `{group}` is a target; name the group otherwise")
            for target in weights:
                if target not in self.cohort.targets:
                    known = list(self.cohort.targets)
                    raise ValueError(
                        f"train.joint.{group}: `{target}` is not one of the targets {known}"
                    )
        return self

    @model_validator(mode="after")
    def _check_table_rows(self) -> "Settings":
        rows, methods = self.eval.table_rows or [], self.train.methods
        for place, row in enumerate(rows):
            if row not in methods:
                raise ValueError(f"eval.table_rows: `{row}` is not one of train.methods {methods}")
            if row in rows[:place]:
                raise ValueError(f"eval.table_rows: `{row}` is named twice")
        return self

    @model_validator(mode="after")
    def _check_record_encoders(self) -> "Settings":
        record_variants(self.modalities)
        return self
