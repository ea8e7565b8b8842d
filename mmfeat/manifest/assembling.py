"""Make a cohort of the user's table, with every fault found on the way."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mmfeat.config.cohort import CohortSettings
from mmfeat.config.modalities import Modality, VolumeModality
from mmfeat.errors import Fault
from mmfeat.manifest.cohort import Cohort
from mmfeat.manifest.columns import leaking_columns, missing_columns, target_columns
from mmfeat.manifest.identities import case_faults, patient_faults, site_faults, split_faults, texts
from mmfeat.manifest.region_columns import read_regions
from mmfeat.manifest.scan_paths import find_scans
from mmfeat.manifest.scan_table import SideTable, read_scan_table
from mmfeat.manifest.target_values import read_target
from mmfeat.remote_path import AnyPath


def assemble_cohort(
    frame: pd.DataFrame,
    settings: CohortSettings,
    *,
    modalities: Mapping[str, Modality],
    folder: AnyPath,
    scan_tables: Mapping[str, SideTable] | None = None,
) -> tuple[Cohort, list[Fault]]:
    """Read everything but the cells of the records, in one pass.

    Args:
        frame: The manifest as stripped text, NaN where a cell is missing.
        settings: What its columns mean.
        modalities: The modalities by name.
        folder: Folder of the manifest, that scans are relative to.
        scan_tables: For each modality with a table of scans, that table.

    Returns:
        The cohort, fit for use only when there are no faults, and all faults: targets and scans
        whose column is missing are left out of it.
    """
    faults = missing_columns(frame, settings, modalities) + leaking_columns(settings, modalities)
    faults += _identity_faults(frame, settings)
    patients = texts(frame, settings.patient_id)
    targets = {}
    for name, target in settings.targets.items():
        if set(target_columns(target)) <= set(frame.columns):
            targets[name], found = read_target(frame, name, target)
            faults += found
    sources, notes = {}, []
    case_ids = texts(frame, settings.case_id)
    for name, modality in modalities.items():
        if not isinstance(modality, VolumeModality):
            continue
        if modality.column is None:
            scans = read_scan_table(
                (scan_tables or {})[name],
                modality,
                manifest=frame,
                case_ids=case_ids,
                patients=patients,
            )
            sources[name] = scans.sources
            faults += scans.faults
            notes += [f"`{name}`: {scans.note}"] if scans.note else []
        elif modality.column in frame.columns:
            regions, wrong = read_regions(frame, modality.region, folder=folder)
            sources[name], found = find_scans(
                frame, modality.column, folder=folder, patients=patients, regions=regions
            )
            faults += wrong + found
    sites = None if settings.site is None else _without_gaps(texts(frame, settings.site))
    cohort = Cohort(
        case_ids=_without_gaps(case_ids),
        patient_ids=_without_gaps(patients),
        sites=sites,
        targets=targets,
        sources=sources,
        frame=frame,
        notes=tuple(notes),
    )
    return cohort, faults


def _identity_faults(frame: pd.DataFrame, settings: CohortSettings) -> list[Fault]:
    split = settings.split
    faults = []
    if settings.case_id in frame.columns:
        faults += case_faults(frame, settings.case_id)
    if settings.patient_id in frame.columns and settings.patient_id != settings.case_id:
        faults += patient_faults(frame, settings.patient_id)
    if split.by_site and settings.site is not None and settings.site in frame.columns:
        faults += site_faults(frame, settings.site)
    if split.column is not None and split.column in frame.columns:
        faults += split_faults(frame, split.column, texts(frame, settings.patient_id))
    return faults


def _without_gaps(cells: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(cell or "" for cell in cells)
