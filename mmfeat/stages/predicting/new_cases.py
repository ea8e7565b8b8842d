"""Read cases that came after training as the settings of the run say.

Nothing but ids and the columns that a modality is made from is asked of the table: no targets, no
splits, no sites. A modality that it lacks is one that none of its cases has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from mmfeat.config.cohort import CohortSettings, SplitSettings
from mmfeat.config.loading import Project
from mmfeat.config.modalities import FeaturesModality, Modality, VolumeModality
from mmfeat.manifest.assembling import assemble_cohort
from mmfeat.manifest.cohort import Cohort
from mmfeat.manifest.columns import target_columns
from mmfeat.manifest.fault_list import refuse
from mmfeat.manifest.reading import read_manifest
from mmfeat.manifest.region_columns import columns_of
from mmfeat.manifest.scan_table import SideTable, read_side_table
from mmfeat.stages.later_table import records_of_frame
from mmfeat.stages.points_of_interest import with_points_in_use
from mmfeat.tabular import RecordTable


@dataclass(frozen=True)
class NewCases:
    """Hold cases to predict; nothing is embedded yet."""

    project: Project
    """The run's settings with these cases in place of its cohort, and with the modalities that they
    may have."""
    cohort: Cohort
    """Without targets."""
    records: Mapping[str, RecordTable]
    """Of each table modality; unknown where the table lacks a column."""
    has_patients: bool
    """Whether it is known who the patients are; or else each case is taken for one."""
    notes: tuple[str, ...]


def read_new_cases(
    project: Project,
    manifest: Path,
    *,
    files: Mapping[str, Path],
    needs_patients: bool,
) -> NewCases:
    """Read a table of new cases, as the manifest that was trained on was read.

    Args:
        project: The run's; its paths do not count, but for those of encoders.
        manifest: One row for each case. Paths in it are relative to it.
        files: For modalities that the table does not hold, the table of scans or the embeddings.
        needs_patients: Whether it has to name the patients.

    Raises:
        CohortError: A table cannot be read or has faults; the error's ``faults`` lists them all.
    """
    absent_texts = project.settings.cohort.missing
    frame = read_manifest(manifest, absent_texts, named_by="--manifest")
    return new_cases_of(
        project, frame, named=manifest.absolute(), files=files, needs_patients=needs_patients
    )


def new_cases_of(
    project: Project,
    frame: pd.DataFrame,
    *,
    named: Path,
    files: Mapping[str, Path],
    needs_patients: bool,
) -> NewCases:
    """Read new cases from a frame of text; see `read_new_cases`.

    Args:
        project: The run's.
        frame: From `read_manifest`, or `text_frame` of a table in memory.
        named: What faults name as the table, whose folder paths in it are relative to.
        files: For modalities that the table does not hold, the table of scans or the embeddings.
        needs_patients: Whether it has to name the patients.
    """
    settings = project.settings
    cohort_settings = _cohort_settings(settings.cohort, frame, named, needs_patients=needs_patients)
    found = {
        name: _in_place(modality, frame, files.get(name))
        for name, modality in settings.modalities.items()
    }
    there = {name: modality for name, modality in found.items() if modality is not None}
    own = replace(
        project,
        settings=settings.model_copy(update={"cohort": cohort_settings, "modalities": there}),
    )
    cohort, faults = assemble_cohort(
        frame,
        cohort_settings,
        modalities=there,
        folder=named.parent,
        scan_tables=_scan_tables(there, settings.cohort.missing),
    )
    table, of_records = records_of_frame(own, frame, known=_known_columns(project))
    refuse(named, [*faults, *of_records])
    cohort = with_points_in_use(cohort, there)
    notes = [
        f"`{name}`: no case has it, {_lacking(settings.modalities[name])}"
        for name, modality in found.items()
        if modality is None
    ]
    return NewCases(
        own,
        cohort,
        table.records,
        has_patients=settings.cohort.patient_id == cohort_settings.patient_id,
        notes=(*notes, *cohort.notes, *table.notes),
    )


def _cohort_settings(
    settings: CohortSettings, frame: pd.DataFrame, named: Path, *, needs_patients: bool
) -> CohortSettings:
    """Return how the ids of new cases are read."""
    patient_id = settings.patient_id
    if not needs_patients and patient_id not in frame.columns:
        patient_id = settings.case_id
    # Copied without being checked: new cases need no targets.
    return settings.model_copy(
        update={
            "manifest": named,
            "patient_id": patient_id,
            "targets": {},
            "split": SplitSettings(),
            "site": None,
        }
    )


def _in_place(modality: Modality, frame: pd.DataFrame, file: Path | None) -> Modality | None:
    """Return a modality as new cases have it; None where none of them can have it."""
    match modality:
        case VolumeModality(scans=None, column=column):
            is_there = column in frame.columns and frame[column].notna().any()
            return modality if is_there else None
        case VolumeModality(scans=scans) if scans is not None and file is not None:
            moved = scans.model_copy(update={"file": file.absolute()})
            return modality.model_copy(update={"scans": moved})
        case FeaturesModality() if file is not None:
            return modality.model_copy(update={"file": file.absolute()})
        case VolumeModality() | FeaturesModality():
            return None
    return modality


def _lacking(modality: Modality) -> str:
    match modality:
        case VolumeModality(scans=None, column=column):
            return f"as there is no path in the column `{column}`"
        case VolumeModality():
            return "as no table of scans was given"
    return "as no file of embeddings was given"


def _scan_tables(
    modalities: Mapping[str, Modality], missing: Sequence[str]
) -> dict[str, SideTable]:
    return {
        name: read_side_table(modality.scans.file, missing, name)
        for name, modality in modalities.items()
        if isinstance(modality, VolumeModality) and modality.scans is not None
    }


def _known_columns(project: Project) -> set[str]:
    """Return the columns of a manifest that are no inputs of the record and need no remark."""
    cohort = project.settings.cohort
    columns = {cohort.case_id, cohort.patient_id, cohort.site, cohort.split.column}
    columns |= {name for target in cohort.targets.values() for name in target_columns(target)}
    for modality in project.settings.modalities.values():
        if isinstance(modality, VolumeModality):
            columns |= {modality.column, modality.index_date, *columns_of(modality.region)}
    return {name for name in columns if name is not None}
