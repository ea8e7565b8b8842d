"""Put the manifest of a selection of series together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.idc.attribution import Attribution, attribution_of
from mmfeat.public_cohorts.idc.collections import named_collections
from mmfeat.public_cohorts.idc.download_list import LIST_FILE, download_commands, download_list
from mmfeat.public_cohorts.idc.index_files import IndexFiles
from mmfeat.public_cohorts.idc.selecting import SelectedSeries, Step, select_series
from mmfeat.public_cohorts.idc.series_table import (
    CaseIs,
    SeriesOfStudy,
    case_table,
    one_series_a_study,
)
from mmfeat.public_cohorts.idc.settings import idc_settings
from mmfeat.public_cohorts.idc.wanted import WantedSeries
from mmfeat.public_cohorts.writing import WrittenCohort, write_built

SETTINGS_FILE = "mmfeat.yaml"


@dataclass(frozen=True)
class IdcManifest:
    """Tell what was selected, what it asks for, and what was written."""

    version: str
    """Of the index."""
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    n_cases: int
    n_patients: int
    n_series: int
    size_mb: float
    attribution: Attribution
    scans: Path
    """Folder that the scans are to be downloaded to."""
    download: tuple[str, str]
    """Commands that download them: IDC's own, and s5cmd's."""
    written: WrittenCohort | None
    """None where nothing was to be written."""


def make_idc_manifest(
    files: IndexFiles,
    wanted: WantedSeries,
    *,
    output: Path,
    scans: Path | None = None,
    case_is: CaseIs = "study",
    series: SeriesOfStudy = "all",
    write: tuple[bool, bool] = (True, False),
) -> IdcManifest:
    """Select series and write their table, settings and the list to download.

    Args:
        files: The index.
        wanted: What is asked for.
        output: Folder to write to.
        scans: Folder that the scans will be downloaded to; ``scans`` in ``output`` when not given.
        case_is: What a row of the table is.
        series: Which series of a study are taken.
        write: Whether to write, and whether to replace files that are there.

    Raises:
        CohortError: Nothing is selected, or ``output`` cannot be written to.
    """
    collections = named_collections(files, wanted.collections)
    selected = select_series(files, collections, wanted)
    if series == "largest":
        kept = one_series_a_study(selected.frame)
        last = Step("--series largest", len(kept))
        selected = SelectedSeries(kept, (*selected.steps, last), selected.notes)
    frame = selected.frame
    table = case_table(frame, case_is)
    attribution = attribution_of(frame, collections)
    place = output / "scans" if scans is None else scans
    origin = _origin(files, wanted, selected, attribution) | {"case_is": case_is, "series": series}
    built = BuiltCohort(
        table=table,
        settings={
            SETTINGS_FILE: idc_settings(table, [one.name for one in collections], case_is=case_is)
        },
        texts={LIST_FILE: download_list(frame, files.version)},
        path_columns=("ct",),
        notes=selected.notes,
    )
    written = (
        write_built(built, origin, download=place, output=output, overwrite=write[1])
        if write[0]
        else None
    )
    return IdcManifest(
        version=files.version,
        steps=selected.steps,
        notes=selected.notes,
        n_cases=len(table),
        n_patients=int(table["patient_id"].nunique()),
        n_series=len(frame),
        size_mb=float(frame["series_size_MB"].sum()),
        attribution=attribution,
        scans=place,
        download=download_commands(output / LIST_FILE, place),
        written=written,
    )


def _origin(
    files: IndexFiles, wanted: WantedSeries, selected: SelectedSeries, attribution: Attribution
) -> dict[str, Any]:
    return {
        "cohort": "idc",
        "index": files.version,
        "asked_for": wanted.described(),
        "steps": [{"filter": step.name, "n_series": step.n_series} for step in selected.steps],
        "licences": {one.name: one.n_series for one in attribution.licences},
        "citations": list(attribution.citations),
    }
