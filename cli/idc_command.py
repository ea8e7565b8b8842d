"""``mmfeat manifest idc``: the table of a selection of scans of Imaging Data Commons."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .console import print_json, show_lines
from .manifest_options import DryRun, Output, Overwrite
from .options import AsJson

_SELECT, _WRITE = "Which series", "What is written"


class CaseIs(StrEnum):
    """What a row of the table can be."""

    STUDY = "study"
    SERIES = "series"


class SeriesOfStudy(StrEnum):
    """Which series of a study can be taken."""

    ALL = "all"
    LARGEST = "largest"


def idc(
    collections: Annotated[
        list[str],
        typer.Option(
            "--collection",
            "-c",
            metavar="NAME",
            help="Collection, such as nlst or NSCLC-Radiomics; repeatable.",
        ),
    ],
    output: Output,
    modality: Annotated[
        str, typer.Option(help="DICOM modality of the series.", rich_help_panel=_SELECT)
    ] = "CT",
    min_images: Annotated[
        int,
        typer.Option(
            min=1,
            help="Fewest images of a series; with fewer it is usually a localiser.",
            rich_help_panel=_SELECT,
        ),
    ] = 16,
    body_parts: Annotated[
        list[str] | None,
        typer.Option(
            "--body-part", metavar="TEXT", help="Repeatable: one of.", rich_help_panel=_SELECT
        ),
    ] = None,
    manufacturers: Annotated[
        list[str] | None,
        typer.Option(
            "--manufacturer", metavar="TEXT", help="Repeatable: one of.", rich_help_panel=_SELECT
        ),
    ] = None,
    licences: Annotated[
        list[str] | None,
        typer.Option(
            "--licence",
            metavar="TEXT",
            help='Such as "CC BY 4.0". Repeatable: one of.',
            rich_help_panel=_SELECT,
        ),
    ] = None,
    patients: Annotated[
        list[str] | None,
        typer.Option("--patient", metavar="ID", help="Repeatable.", rich_help_panel=_SELECT),
    ] = None,
    patients_file: Annotated[
        Path | None,
        typer.Option(
            "--patients", metavar="FILE", help="Ids, one a line.", rich_help_panel=_SELECT
        ),
    ] = None,
    min_thickness: Annotated[
        float,
        typer.Option(min=0, metavar="MM", help="Thinnest slices.", rich_help_panel=_SELECT),
    ] = 0.0,
    max_thickness: Annotated[
        float | None,
        typer.Option(min=0, metavar="MM", help="Thickest slices.", rich_help_panel=_SELECT),
    ] = None,
    regular: Annotated[
        bool,
        typer.Option(
            "--regular",
            help="Only series whose slices are parallel and equally far from each other.",
            rich_help_panel=_SELECT,
        ),
    ] = False,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Condition over the columns of the index, such as \"SeriesNumber = '2'\".",
            rich_help_panel=_SELECT,
        ),
    ] = None,
    case_is: Annotated[
        CaseIs, typer.Option("--case", help="What a row of the table is.", rich_help_panel=_WRITE)
    ] = CaseIs.STUDY,
    series: Annotated[
        SeriesOfStudy,
        typer.Option(
            help="Of each study all series, or the one with the most images.",
            rich_help_panel=_WRITE,
        ),
    ] = SeriesOfStudy.ALL,
    scans: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder that the scans will be downloaded to; `scans` in the output folder when "
            "not given.",
            rich_help_panel=_WRITE,
        ),
    ] = None,
    dry_run: DryRun = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Choose scans of Imaging Data Commons; write their table, settings and a list to download.

    The index that `pip install "mmfeat[idc]"` brings is read; no network is used. Shown are what
    each filter leaves, licences, what to cite, and the command that downloads the scans.

    Example: `mmfeat manifest idc -c nlst --series largest --output nlst-idc --dry-run`
    """
    import math

    from mmfeat.public_cohorts.idc.index_files import installed_index
    from mmfeat.public_cohorts.idc.manifest import make_idc_manifest
    from mmfeat.public_cohorts.idc.wanted import WantedSeries, ids_in

    from .idc_screen import idc_json, idc_lines
    from .stopping import stops_at_once

    wanted = WantedSeries(
        collections=tuple(collections),
        modality=modality,
        min_images=min_images,
        body_parts=tuple(body_parts or ()),
        manufacturers=tuple(manufacturers or ()),
        licences=tuple(licences or ()),
        patients=(*(patients or ()), *(ids_in(patients_file) if patients_file else ())),
        min_thickness_mm=min_thickness,
        max_thickness_mm=math.inf if max_thickness is None else max_thickness,
        regular=regular,
        where=where,
    )
    with stops_at_once():
        made = make_idc_manifest(
            installed_index(),
            wanted,
            output=output,
            scans=scans,
            case_is=case_is.value,
            series=series.value,
            write=(not dry_run, overwrite),
        )
    if as_json:
        print_json(idc_json(made))
        return
    show_lines(idc_lines(made))
