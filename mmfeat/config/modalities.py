"""Settings of the modalities: where each one's features come from."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from mmfeat.config.base import Share, StrictModel
from mmfeat.config.cohort import Label
from mmfeat.config.quality import QualitySettings
from mmfeat.config.reading import ReadingSettings


class VolumeModality(StrictModel):
    """CT volumes, embedded by a frozen encoder."""

    kind: Literal["volume"]
    column: str
    """Column with a NIfTI file or a DICOM folder for each case, relative to the manifest; empty: no
    scan."""
    encoder: str = "slices-lite0"
    """Name of the encoder; `mmfeat encoders list` shows all."""
    weights: Path | None = None
    """File with the encoder's weights, relative to the settings file; some encoders need none."""
    options: dict[str, str | int | float | bool] = {}
    """The encoder's own options, for example `recipe: card` for ct-fm."""
    reading: ReadingSettings = ReadingSettings()
    """What to do where a scan's files leave a choice."""
    quality: QualitySettings = QualitySettings()
    """From where on a scan is remarked on, and what is rejected."""


class NumericColumn(StrictModel):
    """A number."""

    type: Literal["numeric"]
    unit: str | None = None
    """Unit, for people."""
    minimum: float | None = None
    """Smallest believable value; a smaller one is an error."""
    maximum: float | None = None
    """Largest believable value; a larger one is an error."""

    @model_validator(mode="after")
    def _check_range(self) -> "NumericColumn":
        low, high = self.minimum, self.maximum
        if low is not None and high is not None and low > high:
            raise ValueError(f"minimum: {low:g} is above the maximum {high:g}")
        return self


class CategoricalColumn(StrictModel):
    """One of several unordered categories."""

    type: Literal["categorical"]
    categories: list[Label] | None = None
    """All categories; another value is an error. When not given, they are learnt from the training
    part, and a category that is rare there or unseen counts as `other`."""


class OrdinalColumn(StrictModel):
    """One of several ordered levels."""

    type: Literal["ordinal"]
    levels: Annotated[list[Label], Field(min_length=2)]
    """All levels from the lowest to the highest; another value is an error."""


class BooleanColumn(StrictModel):
    """Yes or no."""

    type: Literal["boolean"]
    true: list[Label] = [1, "true", "yes", "y", "t"]
    """Values that mean yes, whatever their case."""
    false: list[Label] = [0, "false", "no", "n", "f"]
    """Values that mean no, whatever their case."""


class DateDifferenceColumn(StrictModel):
    """A date, used as the number of days from it to an index date, positive if it comes before."""

    type: Literal["date_difference"]
    until: str
    """Column with the index date, for example the date of the scan."""
    format: str = "%Y-%m-%d"
    """How both dates are written, in the signs of Python's strptime."""


Column = Annotated[
    NumericColumn | CategoricalColumn | OrdinalColumn | BooleanColumn | DateDifferenceColumn,
    Field(discriminator="type"),
]


class TableModality(StrictModel):
    """The clinical record, columns of the manifest; where all are empty there is no record."""

    kind: Literal["table"]
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    """The columns and their types."""
    scaling: Literal["standard", "quantile"] = "standard"
    """How numbers are scaled: to mean 0 and deviation 1, or by their ranks to a normal
    distribution."""
    rare_below: Share | Literal[0] = 0.01
    """A category seen in a smaller share of the training part's records than this counts as
    `other`."""


class FeaturesModality(StrictModel):
    """Embeddings made elsewhere."""

    kind: Literal["features"]
    file: Path
    """NPZ (arrays `<key>` and `feature`), Parquet or CSV (column `<key>`, all others numbers),
    relative to the settings file."""
    key: Literal["case_id", "patient_id"] = "case_id"
    """What names the rows of the file."""


Modality = Annotated[VolumeModality | TableModality | FeaturesModality, Field(discriminator="kind")]


class ExtractSettings(StrictModel):
    """How volumes are embedded; none of this changes a feature."""

    cache: Path = Path("cache")
    """Folder of the feature caches, relative to the settings file."""
    device: str = "auto"
    """`auto` (the first GPU, or else the CPU), `cpu`, `cuda`, `cuda:1`, ..."""
    workers: PositiveInt | Literal["auto"] = "auto"
    """Cases that are read and prepared ahead at the same time; `auto`: one for each allotted
    core."""
    batch_windows: PositiveInt = 16
    """Windows that go through the network at once."""
    shard_cases: PositiveInt = 64
    """Finished cases are committed whenever this many are waiting ..."""
    shard_seconds: Annotated[float, Field(gt=0)] = 60.0
    """... or this much time has passed, whichever comes first."""

    @model_validator(mode="after")
    def _check_device(self) -> "ExtractSettings":
        check_device_name(self.device)
        return self


def check_device_name(device: str) -> None:
    """Raise ValueError unless a device is written as torch writes it, or `auto`."""
    if not re.fullmatch("auto|cpu|mps|cuda(:[0-9]+)?", device):
        raise ValueError(f"device: `{device}` is not auto, cpu, cuda, cuda:N or mps")
