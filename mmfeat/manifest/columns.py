"""Check that the named columns are there, and that no answer is among the inputs."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mmfeat.config.cohort import CohortSettings, MultilabelTarget, Target, TimeToEventTarget
from mmfeat.config.modalities import Modality, TableModality, VolumeModality
from mmfeat.config.record_columns import DateDifferenceColumn
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import Fault
from mmfeat.manifest.region_columns import columns_of
from mmfeat.wording import first_few


def target_columns(target: Target) -> list[str]:
    """Return the columns that a target is read from."""
    match target:
        case MultilabelTarget():
            return target.columns
        case TimeToEventTarget():
            return [target.time, target.event]
        case _:
            return [target.column]


def missing_columns(
    frame: pd.DataFrame, settings: CohortSettings, modalities: Mapping[str, Modality]
) -> list[Fault]:
    """Return a fault for every named column that the table does not have.

    The columns of table modalities are left to whoever reads their cells.
    """
    uses = {
        settings.case_id: "cohort.case_id",
        settings.patient_id: "cohort.patient_id",
        settings.site: "cohort.site",
        settings.split.column: "cohort.split.column",
    }
    for name, target in settings.targets.items():
        uses |= dict.fromkeys(target_columns(target), f"cohort.targets.{name}")
    for name, modality in modalities.items():
        if isinstance(modality, VolumeModality):
            of_manifest = [] if modality.column is None else columns_of(modality.region)
            columns = (modality.column, modality.index_date, *of_manifest)
            uses |= dict.fromkeys(columns, f"modalities.{name}")
    return [
        Fault(f"not in the manifest, but named by `{use}`{_advice(column, frame)}", column=column)
        for column, use in uses.items()
        if column is not None and column not in frame.columns
    ]


def leaking_columns(settings: CohortSettings, modalities: Mapping[str, Modality]) -> list[Fault]:
    """Return a fault for every column of a record that is also an answer or an identifier."""
    forbidden = {
        settings.case_id: "it names the case",
        settings.patient_id: "it names the patient",
        settings.split.column: "it names the part of the split",
    }
    for name, target in settings.targets.items():
        reason = f"the target `{name}` is read from it, so the answer would be among the inputs"
        forbidden |= dict.fromkeys(target_columns(target), reason)
    return [
        Fault(f"take it out of `modalities.{name}.columns`: {forbidden[column]}", column=column)
        for name, modality in modalities.items()
        if isinstance(modality, TableModality)
        for column in _inputs(modality)
        if column in forbidden
    ]


def _inputs(modality: TableModality) -> Sequence[str]:
    index_dates = [
        column.until
        for column in modality.columns.values()
        if isinstance(column, DateDifferenceColumn)
    ]
    return list(dict.fromkeys([*modality.columns, *index_dates]))


def _advice(column: str, frame: pd.DataFrame) -> str:
    known = [str(name) for name in frame.columns]
    return did_you_mean(column, known) or f"; it has {first_few(known, 10)}"
