"""``mmfeat demo``: a made-up cohort on disk, to try everything on."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson


class DemoEncoder(StrEnum):
    """The encoders that need no download."""

    INTENSITY_STATS = "intensity-stats"
    SLICES_LITE0 = "slices-lite0"


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="New or empty folder to write to.")
    ] = Path("demo-cohort"),
    n_patients: Annotated[
        int,
        typer.Option(
            "--n", metavar="N", min=20, max=90_000, help="Patients; a third of them come twice."
        ),
    ] = 400,
    size: Annotated[
        int,
        typer.Option(min=32, max=256, help="Rows and columns of a slice; slices in proportion."),
    ] = 96,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 0,
    encoder: Annotated[
        DemoEncoder, typer.Option(help="Encoder of the scans named in the settings.")
    ] = DemoEncoder.INTENSITY_STATS,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Replace a made-up cohort, with its splits, cache and results."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a made-up cohort: phantom chest CT files, a clinical table, outcomes and settings.

    Nothing in it is real; its README says what is in it. A stopped command goes on when run again.

    Example: `mmfeat demo`, then `mmfeat run demo-cohort/mmfeat.yaml`. A larger one:
    `mmfeat demo big --n 2000 --size 128`.
    """
    from dataclasses import asdict

    from mmfeat.demo.write_cohort import Request, write_cohort

    from .console import ProgressBar, console, print_json
    from .stopping import stop_requests

    request = Request(n_patients=n_patients, size=size, seed=seed, encoder=str(encoder))
    with stop_requests() as stopping, ProgressBar() as progress:
        written = write_cohort(
            folder, request, overwrite=overwrite, progress=progress, stopping=stopping
        )
    if as_json:
        print_json(asdict(written))
        return
    console.print(
        f"{written.folder}: {written.n_patients} made-up patients, {written.n_cases} cases, "
        f"{written.n_scans} scans ({written.n_dicom} of them DICOM series, 2 broken on purpose)",
        soft_wrap=True,
    )
    console.print(f"Next: mmfeat run {written.settings}", soft_wrap=True)
