"""Settings of the modalities: where each one's features come from."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from mmfeat.config.base import FileOrUrl, Share, StrictModel
from mmfeat.config.quality import QualitySettings
from mmfeat.config.reading import ReadingSettings
from mmfeat.config.record_columns import Column
from mmfeat.config.regions import MaskColumn, PointColumns, RegionColumns
from mmfeat.config.scans import ScanTable
from mmfeat.remote_path import RemotePath


class VolumeModality(StrictModel):
    """CT volumes, embedded by a frozen encoder."""

    kind: Literal["volume"]
    column: str | None = None
    """Column with a NIfTI file or a DICOM folder for each case, relative to the manifest; several
    are separated by `;`; empty: no scan."""
    scans: ScanTable | None = None
    """Instead of `column`: a table with one row for each scan."""
    point: PointColumns | None = None
    """Where the region of interest is, for encoders that see only that, such as fmcib."""
    mask: MaskColumn | None = None
    """Instead of `point`: a mask of the region."""
    index_date: str | None = None
    """Column of the manifest with the day that the prediction is made for; it goes with
    `scans.date`."""
    after_index: Literal["refuse", "leave_out", "use"] = "refuse"
    """What to do with scans after the index date, of which nobody can know on that day."""
    several: Literal["mean", "max", "latest", "earliest", "set"] = "mean"
    """What the feature of a case with several scans is: the `mean` or `max` of theirs, that of
    the `latest` or `earliest`, or the `set` of all, which is kept beside their mean."""
    features: Literal["vector", "tokens"] = "vector"
    """What is kept of a scan: its pooled `vector`, or also its `tokens`, the features of its
    windows, slices or regions, as a set."""
    max_tokens: Annotated[int, Field(ge=1, le=1024)] = 64
    """Most tokens of a scan, with `features: tokens`; of one with more windows, neighbours are
    averaged."""
    encoder: str = "slices-lite0"
    """Name of the encoder; `mmfeat encoders list` shows all."""
    weights: Path | None = None
    """File with the encoder's weights, relative to the settings file; some encoders need none."""
    recipe_file: Path | None = None
    """For a network of your own (`exported`, `hub-folder`): how it is fed. A YAML file, relative to
    the settings file, or a name that `mmfeat encoders recipes` lists."""
    options: dict[str, str | int | float | bool] = {}
    """The encoder's own options, for example `recipe: card` for ct-fm."""
    reading: ReadingSettings = ReadingSettings()
    """What to do where a scan's files leave a choice."""
    quality: QualitySettings = QualitySettings()
    """From where on a scan is remarked on, and what is rejected."""

    @model_validator(mode="after")
    def _check_scans(self) -> "VolumeModality":
        if self.column is None and self.scans is None:
            raise ValueError(
                "missing key `column`, the column with the scan of each case, or `scans`, a table "
                "with one row for each scan"
            )
        if self.column is not None and self.scans is not None:
            raise ValueError("scans: take it out or `column`; one of them says where scans are")
        has_dates = self.scans is not None and self.scans.date is not None
        if has_dates and self.index_date is None:
            raise ValueError(
                "scans.date: needs `index_date` beside `scans`, the column of the manifest with "
                "the day that the prediction is made for"
            )
        if self.index_date is not None and not has_dates:
            raise ValueError("index_date: needs `scans.date`, the dates to count from")
        has_times = self.scans is not None and self.scans.has_times
        if self.several in ("latest", "earliest") and not has_times:
            raise ValueError(f"several: `{self.several}` needs `scans.date` or `scans.days`")
        if self.after_index != "refuse" and not has_times:
            raise ValueError("after_index: needs `scans.date` or `scans.days`")
        return self

    @property
    def region(self) -> RegionColumns | None:
        """Where the tables say which region of a scan is meant."""
        return self.point or self.mask

    @model_validator(mode="after")
    def _check_region(self) -> "VolumeModality":
        if self.point is not None and self.mask is not None:
            raise ValueError("mask: take it out or `point`; one of them says where to look")
        return self

    @model_validator(mode="after")
    def _check_tokens(self) -> "VolumeModality":
        if self.max_tokens != 64 and self.features == "vector":
            raise ValueError("max_tokens: needs `features: tokens`; with `vector` there are none")
        return self


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
    encoder: str | Annotated[list[str], Field(min_length=1)] = "tabular-basic"
    """What makes the record's vector; `mmfeat table encoders` shows all. A list trains every head
    once with each, and `eval` compares them as `<method>@<encoder>`."""
    encoder_weights: dict[str, Path] = {}
    """For encoders with published weights (`tabicl`, `tabpfn`), the file that holds them, relative
    to the settings file."""

    @model_validator(mode="after")
    def _check_encoder(self) -> "TableModality":
        if len(set(self.encoders)) < len(self.encoders):
            raise ValueError(f"encoder: one is named twice in {list(self.encoders)}")
        for name in self.encoder_weights:
            if name not in self.encoders or name == "tabular-basic":
                raise ValueError(
                    f"encoder_weights: `{name}` is no encoder of this modality that takes weights "
                    f"({', '.join(self.encoders)})"
                )
        return self

    @property
    def encoders(self) -> tuple[str, ...]:
        """The encoders to compare, one or more."""
        return (self.encoder,) if isinstance(self.encoder, str) else tuple(self.encoder)


class FeaturesModality(StrictModel):
    """Embeddings made elsewhere."""

    kind: Literal["features"]
    file: Path
    """NPZ (arrays `<key>` and `feature`), Parquet or CSV (column `<key>`, all others numbers), or a
    cache folder as `mmfeat cache import` makes it; relative to the settings file."""
    key: Literal["case_id", "patient_id"] = "case_id"
    """What names the rows of the file."""


Modality = Annotated[VolumeModality | TableModality | FeaturesModality, Field(discriminator="kind")]


class ExtractSettings(StrictModel):
    """How volumes are embedded; none of this changes a feature."""

    cache: FileOrUrl = Path("cache")
    """Folder of the feature caches, relative to the settings file, or its URL in an object store,
    `s3://` or `gs://`."""
    cache_copy: Path = Path("cache-copy")
    """Where a cache at a URL has its copy on this machine, relative to the settings file."""
    device: str = "auto"
    """`auto` (the first GPU, or else the CPU), `cpu`, `cuda`, `cuda:1`, ..."""
    prepare_on: Literal["auto", "cpu", "gpu"] = "auto"
    """Where scans are resampled; `auto`: on the GPU where the encoder is on one, else on the
    CPU."""
    workers: PositiveInt | Literal["auto"] = "auto"
    """Cases that are read and prepared ahead at the same time; `auto`: one for each allotted
    core."""
    batch_windows: PositiveInt | Literal["auto"] = "auto"
    """Windows that go through the network at once; `auto`: what is usual for the encoder."""
    shard_cases: PositiveInt = 64
    """Finished cases are committed whenever this many are waiting ..."""
    shard_seconds: Annotated[float, Field(gt=0)] = 60.0
    """... or this much time has passed, whichever comes first."""
    stage: str | None = None
    """Folder on a disk of this machine, to which scans are copied just before they are read; may
    have variables, such as `$TMPDIR`. Not given: scans are read where they are."""
    stage_gb: Annotated[float, Field(gt=0)] = 16.0
    """What the copies of one process may take there at any time."""

    @model_validator(mode="after")
    def _check_device(self) -> "ExtractSettings":
        check_device_name(self.device)
        return self

    @model_validator(mode="after")
    def _check_cache(self) -> "ExtractSettings":
        if isinstance(self.cache, RemotePath) and self.cache.scheme not in ("s3", "gs"):
            raise ValueError(
                f"cache: nothing can be written to `{self.cache.scheme}://`; name a folder, or a "
                "place in an object store (s3://, gs://)"
            )
        return self


def check_device_name(device: str) -> None:
    """Raise ValueError unless a device is written as torch writes it, or `auto`."""
    if not re.fullmatch("auto|cpu|mps|cuda(:[0-9]+)?", device):
        raise ValueError(f"device: `{device}` is not auto, cpu, cuda, cuda:N or mps")
