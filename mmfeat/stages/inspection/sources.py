"""Which scans a cohort has: of the modalities of a project, or in one column of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.cohort import CohortSettings
from mmfeat.config.loading import Project
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError, Fault
from mmfeat.manifest.fault_list import refuse
from mmfeat.manifest.identities import texts
from mmfeat.manifest.reading import FIRST_ROW, read_manifest
from mmfeat.manifest.scan_paths import shown_path, split_paths
from mmfeat.manifest.scan_table import SideTable, read_side_table
from mmfeat.quality import Thresholds
from mmfeat.remote import look_at_all
from mmfeat.remote_path import AnyPath, RemotePath, located
from mmfeat.stages.inspection.setup import InspectSetup, volume_modalities
from mmfeat.stages.inspection.thresholds import modality_thresholds
from mmfeat.stages.volume_encoder import reading_rules
from mmfeat.volumes import ReadingRules

_MISSING: Sequence[str] = CohortSettings.model_fields["missing"].default


@dataclass(frozen=True)
class CohortScan:
    """One scan of one case."""

    modality: str
    """Name of the modality, or of the column."""
    case_id: str
    source: str
    """As in the table."""
    path: AnyPath
    """Absolute, or a URL."""
    rules: ReadingRules
    thresholds: Thresholds
    """What is remarked on."""


def project_scans(project: Project, modality: str | None) -> list[CohortScan]:
    """Return the scans of all volume modalities of a project, or of one, in the table's order.

    Nothing else of the table is checked: labels and splits do not matter here.

    Raises:
        ConfigError: There is no such modality.
        CohortError: The table cannot be read or lacks a column.
    """
    cohort = project.settings.cohort
    manifest = project.path(cohort.manifest)
    frame = read_manifest(manifest, cohort.missing)
    scans: list[CohortScan] = []
    for name, chosen in volume_modalities(project, modality).items():
        setup = InspectSetup(reading_rules(chosen.reading), modality_thresholds(chosen))
        if chosen.scans is not None:
            table = read_side_table(project.path(chosen.scans.file), cohort.missing, name)
            columns = (name, chosen.scans.path, chosen.scans.case)
            scans += _scans(table, columns, setup)
        elif chosen.column is not None:
            columns = (name, chosen.column, cohort.case_id)
            scans += _scans(SideTable(manifest, frame), columns, setup)
    return scans


def table_scans(manifest: Path, column: str, setup: InspectSetup) -> list[CohortScan]:
    """Return the scans in one column of a table; its column ``case_id``, if any, names the cases.

    Raises:
        CohortError: The table cannot be read or lacks the column.
    """
    table = SideTable(manifest, read_manifest(manifest, _MISSING))
    return _scans(table, (column, column, "case_id"), setup)


def _scans(table: SideTable, names: tuple[str, str, str], setup: InspectSetup) -> list[CohortScan]:
    """Return a column's scans; ``names`` are those of the modality, the column and the ids'."""
    modality, column, id_column = names
    frame, folder = table.frame, table.file.parent
    if column not in frame.columns:
        known = [str(name) for name in frame.columns]
        raise CohortError(
            f"{table.file}: no column `{column}`{did_you_mean(column, known)}; there are: "
            f"{', '.join(known)}"
        )
    ids = texts(frame, id_column)
    scans: list[CohortScan] = []
    faults: list[Fault] = []
    for row, (case_id, cell) in enumerate(
        zip(ids, texts(frame, column), strict=True), start=FIRST_ROW
    ):
        for source in [] if cell is None else split_paths(cell, folder):
            try:
                path = located(folder, source)
            except ValueError as error:
                faults.append(Fault(str(error), row, column, shown_path(source)))
                continue
            scans.append(
                CohortScan(
                    modality=modality,
                    case_id=case_id or f"row {row}",
                    source=shown_path(source),
                    path=path,
                    rules=setup.rules,
                    thresholds=setup.thresholds,
                )
            )
    refuse(table.file, faults)
    look_at_all(scan.path for scan in scans if isinstance(scan.path, RemotePath))
    return scans
