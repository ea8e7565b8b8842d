"""Open the cohort and its splits: everything that any stage needs to know of the cases."""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.config.modalities import TableModality, VolumeModality
from mmfeat.errors import Fault
from mmfeat.manifest.assembling import assemble_cohort
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.manifest.fault_list import refuse
from mmfeat.manifest.reading import FIRST_ROW, read_manifest
from mmfeat.manifest.scan_table import SideTable, read_side_table
from mmfeat.manifest.split_file import load_splits, save_splits
from mmfeat.manifest.splits import SplitRule, fold_of, make_folds
from mmfeat.manifest.strata import strata_of
from mmfeat.stages.points_of_interest import with_points_in_use
from mmfeat.tabular import RecordTable, identifier_faults, read_records


def open_cohort(project: Project) -> Cohort:
    """Read and check the manifest: ids, scans, labels, records and the column of splits.

    Raises:
        CohortError: The table cannot be read, or has faults; the error's ``faults`` lists them all.
        EncoderError: There is no encoder of a name in the settings.
        ConfigError: An encoder needs a point in each scan, and the settings name none.
    """
    settings = project.settings
    manifest = project.path(settings.cohort.manifest)
    frame = read_manifest(manifest, settings.cohort.missing)
    cohort, faults = assemble_cohort(
        frame,
        settings.cohort,
        modalities=settings.modalities,
        folder=manifest.parent,
        scan_tables=_scan_tables(project),
    )
    present = {
        name: np.array([len(scans) > 0 for scans in sources])
        for name, sources in cohort.sources.items()
    }
    for name, modality in settings.modalities.items():
        if isinstance(modality, TableModality):
            records, found = read_records(frame, modality.columns)
            present[name] = records.present
            faults += found + identifier_faults(records)
    if not faults and len(present) == len(settings.modalities):
        faults = _empty_cases(cohort, np.any(list(present.values()), axis=0))
    refuse(manifest, faults)
    return with_points_in_use(cohort, settings.modalities)


def table_records(project: Project, cohort: Cohort) -> dict[str, RecordTable]:
    """Read the records of each table modality; of a checked cohort they have no faults."""
    return {
        name: read_records(cohort.frame, modality.columns)[0]
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, TableModality)
    }


def open_folds(project: Project, cohort: Cohort, *, save: bool = True) -> list[Fold]:
    """Return the folds: from the manifest's column, from the file of splits, or made and saved.

    Args:
        project: Its ``cohort.split`` says how to divide and where the splits are.
        cohort: The validated cohort.
        save: Write the splits when they are made; a look at them need not leave a file.

    Raises:
        CohortError: The saved splits are not of this cohort, or the cohort is too small to divide.
    """
    split = project.settings.cohort.split
    if split.column is not None:
        return [fold_of(cohort.frame[split.column].to_numpy(dtype=str))]
    rule = _rule(project)
    file = project.path(split.file)
    ids = {"case_ids": cohort.case_ids, "patient_ids": cohort.patient_ids}
    if file.exists():
        return load_splits(file, **ids, rule=asdict(rule))
    by = rule.stratify_by
    folds = make_folds(
        cohort.patient_ids,
        rule,
        target=None if by is None else strata_of(cohort.targets[by]),
        sites=cohort.sites if split.by_site else None,
    )
    if save:
        save_splits(file, folds, **ids, rule=asdict(rule))
    return folds


def _scan_tables(project: Project) -> dict[str, SideTable]:
    missing = project.settings.cohort.missing
    return {
        name: read_side_table(project.path(modality.scans.file), missing, name)
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, VolumeModality) and modality.scans is not None
    }


def _rule(project: Project) -> SplitRule:
    settings = project.settings.cohort
    usual = [
        name
        for kinds in (("binary", "multiclass"), ("time_to_event",), ("regression",))
        for name, target in settings.targets.items()
        if target.kind in kinds
    ]
    return SplitRule(
        folds=settings.split.folds,
        val_share=settings.split.val_share,
        seed=settings.split.seed,
        stratify_by=settings.split.stratify_by or next(iter(usual), None),
        by_site=settings.split.by_site,
    )


def _empty_cases(cohort: Cohort, present: NDArray[np.bool_]) -> list[Fault]:
    return [
        Fault(
            f"case `{cohort.case_ids[row]}` has nothing in any modality; "
            "give it a scan or a record, or delete the row",
            row=int(row) + FIRST_ROW,
        )
        for row in np.flatnonzero(~present)
    ]
