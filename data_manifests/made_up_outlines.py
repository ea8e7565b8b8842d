"""Outlines of made-up tumours for the samples of cohorts, as DICOM structure sets."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import RTStructureSetStorage

from mmfeat.volumes.volume import Volume

from .made_up_dicom import TO_LPS, decimals, new_file

Outline = NDArray[np.float64]
"""Corners of a closed outline ``(points, 3)``: left, posterior, superior, in mm."""


def write_outlines(
    file: Path, fields: Mapping[str, Any], structures: Mapping[str, Sequence[Outline]]
) -> None:
    """Write named structures, each of outlines, as an RTSTRUCT file; its folder is made."""
    content = new_file(RTStructureSetStorage, fields, 1)
    content.Modality = "RTSTRUCT"
    content.StructureSetLabel = "made up"
    names, contours = [], []
    for number, (name, outlines) in enumerate(structures.items(), start=1):
        names.append(_item(ROINumber=number, ROIName=name))
        shapes = [
            _item(
                ContourGeometricType="CLOSED_PLANAR",
                NumberOfContourPoints=len(outline),
                ContourData=decimals(outline.reshape(-1)),
            )
            for outline in outlines
        ]
        contours.append(_item(ReferencedROINumber=number, ContourSequence=Items(shapes)))
    content.StructureSetROISequence = Items(names)
    content.ROIContourSequence = Items(contours)
    file.parent.mkdir(parents=True)
    content.save_as(file, enforce_file_format=True)


def place_of(scan: Volume, voxel: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return where a voxel ``(depth, height, width)`` is: left, posterior, superior, in mm."""
    place: NDArray[np.float64] = (TO_LPS @ scan.affine @ np.array([*voxel, 1.0]))[:3]
    return place


def _item(**content: object) -> Dataset:
    item = Dataset()
    for keyword, value in content.items():
        setattr(item, keyword, value)
    return item
