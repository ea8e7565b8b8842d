"""Options of ``mmfeat inspect``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Scan = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH", help="A NIfTI, NRRD or MetaImage file; a folder or .zip of DICOM."
    ),
]
Manifest = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Inspect all scans of this settings file, or of a table's --column."
    ),
]
Column = Annotated[
    str | None, typer.Option(metavar="NAME", help="Column of the table that holds the scans.")
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Settings file that says how to read and judge, and which encoder."
    ),
]
Modality = Annotated[
    str | None, typer.Option(metavar="NAME", help="Modality of the settings that is meant.")
]
EncoderName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Draw what this encoder sees as well.")
]
Weights = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The encoder's weights, if it needs a file.")
]
GivenOptions = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="KEY=VALUE", help="Option of the encoder; repeatable."),
]


class PointSpace(StrEnum):
    """What the coordinates of a point are."""

    LPS_MM = "lps_mm"
    RAS_MM = "ras_mm"
    VOXEL = "voxel"


Point = Annotated[
    str | None,
    typer.Option(metavar="X,Y,Z", help="Point of interest, for encoders that look at one."),
]
Space = Annotated[
    PointSpace,
    typer.Option(help="What X, Y and Z are: millimetres, or column, row and slice from 0."),
]
Mask = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Instead of --point: a mask, in whose centre it is."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="For one scan a PNG file, by default NAME.inspect.png here; for a cohort a folder, by "
        "default `inspect` beside FILE.",
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a PNG file that is there already.")
]
