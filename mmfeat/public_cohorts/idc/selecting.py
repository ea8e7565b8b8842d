"""Choose series from the index, filter by filter, and keep count of what each leaves."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.idc.collections import Collection
from mmfeat.public_cohorts.idc.index_files import (
    GEOMETRY_INDEX,
    THICKNESS_INDEX,
    IndexFiles,
    how_to_fetch,
)
from mmfeat.public_cohorts.idc.sql_condition import rows_where
from mmfeat.public_cohorts.idc.wanted import WantedSeries
from mmfeat.wording import first_few

COLUMNS = (
    "collection_id",
    "analysis_result_id",
    "PatientID",
    "PatientAge",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "SeriesInstanceUID",
    "SeriesDescription",
    "BodyPartExamined",
    "Modality",
    "Manufacturer",
    "ManufacturerModelName",
    "instanceCount",
    "license_short_name",
    "source_DOI",
    "series_aws_url",
    "series_size_MB",
)
"""What is read of the index; a condition in SQL sees all of it."""
THICKNESS, REGULAR = "SliceThickness", "regularly_spaced_3d_volume"
_SHOWN = 6


@dataclass(frozen=True)
class Step:
    """Say what one filter left."""

    name: str
    n_series: int


@dataclass(frozen=True)
class SelectedSeries:
    """Hold the series that are left, and how they were come by."""

    frame: pd.DataFrame
    """The index's columns, and SliceThickness where it is on this machine; one row a series."""
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    """What was asked for and is not there."""


def select_series(
    files: IndexFiles, collections: list[Collection], wanted: WantedSeries
) -> SelectedSeries:
    """Return the series of some collections that are as asked for.

    Raises:
        CohortError: Nothing is left after a filter, a part of the index is needed that is not on
            this machine, or the condition in SQL is wrong.
    """
    frame = _with_further(files, _series_of(files, collections, wanted), wanted)
    names = ", ".join(collection.key for collection in collections)
    steps = [Step(f"all series of {names}", len(frame))]
    notes: list[str] = []
    for name, column, keep in _filters(wanted):
        kept = frame[keep(frame)]
        if kept.empty:
            seen = _seen(frame, column, name)
            raise CohortError(f"{names}: no series is left after {name}{seen}")
        frame = kept
        steps.append(Step(name, len(frame)))
    for option, column, texts in wanted.among():
        there = set(frame[column].dropna().str.strip().str.lower())
        absent = [text for text in texts if text.strip().lower() not in there]
        if absent:
            notes.append(f"{option}: nothing is selected of {first_few(absent, _SHOWN)}")
    if wanted.where is not None:
        frame = frame[rows_where(frame, wanted.where)]
        if frame.empty:
            raise CohortError(f"{names}: no series is left after --where {wanted.where}")
        steps.append(Step(f"--where {wanted.where}", len(frame)))
    return SelectedSeries(frame.reset_index(drop=True), tuple(steps), tuple(notes))


def _series_of(
    files: IndexFiles, collections: list[Collection], wanted: WantedSeries
) -> pd.DataFrame:
    keys = [collection.key for collection in collections]
    columns = None if wanted.where is not None else list(COLUMNS)
    table = ds.dataset(files.series).to_table(
        columns=columns, filter=pc.field("collection_id").isin(keys)
    )
    frame: pd.DataFrame = table.to_pandas()
    return frame.sort_values("SeriesInstanceUID", ignore_index=True)


def _with_further(files: IndexFiles, frame: pd.DataFrame, wanted: WantedSeries) -> pd.DataFrame:
    """Return the series with what further parts of the index know of them, where they are here."""
    needed = {THICKNESS_INDEX: wanted.asks_for_thickness, GEOMETRY_INDEX: wanted.regular}
    for name, is_needed in needed.items():
        file = files.further(name)
        if file is None and is_needed:
            option = "--regular" if name == GEOMETRY_INDEX else "the thickness of slices"
            raise CohortError(
                f"{option}: is known to `{name}`, a part of the index that its package does not "
                f"bring; fetch it once from the network: {how_to_fetch(name)}"
            )
        if file is not None:
            frame = frame.merge(_further(file, name, wanted), on="SeriesInstanceUID", how="left")
    return frame


def _further(file: Path, name: str, wanted: WantedSeries) -> pd.DataFrame:
    column = THICKNESS if name == THICKNESS_INDEX else REGULAR
    columns = None if wanted.where is not None else ["SeriesInstanceUID", column]
    frame: pd.DataFrame = pq.read_table(file, columns=columns).to_pandas()
    return frame


Filter = tuple[str, str, Callable[[pd.DataFrame], "pd.Series[bool]"]]
"""As it is called, the column that it looks at, and the rows that it keeps."""


def _filters(wanted: WantedSeries) -> Iterator[Filter]:
    yield _among("--modality", "Modality", (wanted.modality,))
    yield (
        "taking only original scans, not results of analyses",
        "analysis_result_id",
        lambda frame: frame["analysis_result_id"].isna(),
    )
    yield (
        f"--min-images {wanted.min_images}",
        "instanceCount",
        lambda frame: frame["instanceCount"] >= wanted.min_images,
    )
    for option, column, texts in wanted.among():
        yield _among(option, column, texts)
    if wanted.asks_for_thickness:
        low, high = wanted.min_thickness_mm, wanted.max_thickness_mm
        until = f" to {high:g}" if math.isfinite(high) else " and above"
        yield (
            f"slices of {low:g}{until} mm",
            THICKNESS,
            lambda frame: frame[THICKNESS].between(low, high),
        )
    if wanted.regular:
        yield "--regular", REGULAR, lambda frame: frame[REGULAR].eq(True)


def _among(option: str, column: str, texts: tuple[str, ...]) -> Filter:
    asked = {text.strip().lower() for text in texts}

    def keep(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame[column].str.strip().str.lower().isin(asked)

    return f"{option} {first_few(texts, _SHOWN)}", column, keep


def _seen(frame: pd.DataFrame, column: str, name: str) -> str:
    """Return what there is instead in a column that a filter found nothing in."""
    cells = frame[column].dropna()
    if cells.empty:
        return f"; the index knows no {column} of them"
    if cells.dtype.kind in "iuf":
        return f"; there are {cells.min():g} to {cells.max():g}"
    counts = cells.value_counts()
    names = [str(one) for one in counts.index]
    return f"; there are {first_few(names, _SHOWN)}{did_you_mean(name.partition(' ')[2], names)}"
