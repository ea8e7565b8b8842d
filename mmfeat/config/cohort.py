"""Settings of the cohort: the manifest, what is to be predicted, how the patients are divided."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, model_validator

from mmfeat.config.base import FileOrUrl, Name, Share, StrictModel

Label = str | int | float | bool
"""A label as written in YAML; it is compared with the manifest's cells as text, ``1`` equal to
``1.0``."""


class BinaryTarget(StrictModel):
    """Yes or no, for example cancer within one year."""

    kind: Literal["binary"]
    column: str
    """Column of the manifest; an empty cell is a missing label."""
    positive: Label = 1
    """The value that means yes."""
    negative: Label = 0
    """The value that means no; any other value is an error."""


class MulticlassTarget(StrictModel):
    """One of several classes, for example a stage."""

    kind: Literal["multiclass"]
    column: str
    """Column of the manifest; an empty cell is a missing label."""
    classes: Annotated[list[Label], Field(min_length=2)]
    """All classes, in the order in which results list them; any other value is an error."""


class MultilabelTarget(StrictModel):
    """Several findings, each yes, no or unknown."""

    kind: Literal["multilabel"]
    columns: Annotated[list[str], Field(min_length=1)]
    """One column for each finding, 1 for yes and 0 for no; an empty cell is a missing label."""


class RegressionTarget(StrictModel):
    """A number. It is learnt on the scale of the training part's mean and standard deviation."""

    kind: Literal["regression"]
    column: str
    """Column of the manifest; an empty cell is a missing value."""


class TimeToEventTarget(StrictModel):
    """Time to an event, or to the end of follow-up; answered by the risk until some horizons."""

    kind: Literal["time_to_event"]
    time: str
    """Column with the time since the scan, 0 or more."""
    event: str
    """Column with 1 where the event was seen at that time and 0 where follow-up ended without
    it."""
    horizons: Annotated[list[PositiveFloat], Field(min_length=1)] | None = None
    """Times until which the risk is predicted, in the unit of `time`, in order; what happens after
    the last one is not learnt. The quartiles of the cohort's event times, to two digits, when not
    given."""
    intervals: Annotated[int, Field(ge=1, le=50)] = 10
    """Most intervals of time that have a hazard of their own, up to the last horizon; fewer where
    the training part has fewer than five events in one."""
    model: Literal["hazards", "cox"] = "hazards"
    """`hazards`: a probability for each interval, for all methods. `cox`: proportional hazards by
    the partial likelihood, for networks alone (`pip install "mmfeat[survival]"`)."""

    @model_validator(mode="after")
    def _check_horizons(self) -> "TimeToEventTarget":
        if self.horizons is not None and self.horizons != sorted(set(self.horizons)):
            raise ValueError(
                f"horizons: give each once, from the smallest to the largest (found "
                f"{self.horizons})"
            )
        return self


Target = Annotated[
    BinaryTarget | MulticlassTarget | MultilabelTarget | RegressionTarget | TimeToEventTarget,
    Field(discriminator="kind"),
]


class SplitSettings(StrictModel):
    """How patients are divided; every fold has three disjoint parts: train, val and test."""

    file: Path = Path("splits.csv")
    """Where the splits are saved, beside the settings; they are made once and then reused."""
    column: str | None = None
    """Column of the manifest that says `train`, `val` or `test` for each case; one fold is made
    from it."""
    folds: Annotated[int, Field(ge=2, le=50)] = 5
    """Number of folds; each patient is in the test part of exactly one."""
    val_share: Share = 0.2
    """Share of the patients outside the test part that is set aside for early stopping and
    calibration."""
    stratify_by: str | None = None
    """Target that is spread evenly: its classes, the quarters of a number, or events. The first
    binary or multiclass one when not given, or else the first time to an event, or else the first
    number."""
    by_site: bool = False
    """Keep each site whole in one test part, so that the test asks for a new hospital."""
    seed: NonNegativeInt = 0
    """Seed of the division."""


class CohortSettings(StrictModel):
    """The manifest, one row a case, and how to read it."""

    manifest: FileOrUrl
    """CSV, TSV, Parquet or Excel (`pip install "mmfeat[excel]"`) file, relative to the settings
    file, or its URL (`pip install "mmfeat[remote]"`)."""
    case_id: str = "case_id"
    """Column that names the case: one imaging study, one prediction."""
    patient_id: str = "patient_id"
    """Column that names the patient: the unit of splitting."""
    site: str | None = None
    """Column that names the site, needed for `split.by_site`."""
    missing: list[str] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "none", "?", "."]
    """Cell texts that mean that nothing is known, in every column."""
    targets: Annotated[dict[Name, Target], Field(min_length=1)]
    """What is to be predicted, by name."""
    split: SplitSettings = SplitSettings()
    """How patients are divided."""
    collections: list[str] = []
    """Public collections that the scans come from, for example `[NLST, LIDC-IDRI]`. Where an
    encoder was trained on one of them, results are too good, and mmfeat says so. Usual ids, such
    as LIDC-IDRI-0001, are recognised without this."""

    @model_validator(mode="after")
    def _check_names(self) -> "CohortSettings":
        by = self.split.stratify_by
        if by is not None and by not in self.targets:
            raise ValueError(
                f"split.stratify_by: `{by}` is not one of the targets {list(self.targets)}"
            )
        if by is not None and self.targets[by].kind == "multilabel":
            raise ValueError(f"split.stratify_by: `{by}` has several labels; name another target")
        if self.split.by_site and self.site is None:
            raise ValueError("split.by_site: needs `site`, the column that names each case's site")
        return self
