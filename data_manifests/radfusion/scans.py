"""Give RadFusion's CTs, bare arrays of NumPy, the headers that they lack, without copying them.

A small MetaImage header stands for each array, with a link to the array beside it. The voxel size
and the order of slices are nowhere in the download: its user has to say them, in `geometry.csv`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.downloads import find_all, find_one
from mmfeat.public_cohorts.reading import read_source

from .record_tables import plain_key

GEOMETRY = "geometry.csv"
FOLDER = "scans"
ANY = "*"
"""The `idx` of the row of geometry.csv that holds for all scans without one of their own."""
UNREADABLE = "the array of the scan is torn, or not one of three axes of whole or real numbers"
NO_GEOMETRY = "geometry.csv has no row for the scan"
_PLACES = ("[0-9]/*.npy", "*/[0-9]/*.npy", "*/*.npy", "*.npy")
_SIZES = ("slice_mm", "row_mm", "column_mm")
_FIRST = {"feet": "1", "head": "-1"}
_TYPES = {
    **{"i1": "MET_CHAR", "u1": "MET_UCHAR", "i2": "MET_SHORT", "u2": "MET_USHORT"},
    **{"i4": "MET_INT", "u4": "MET_UINT", "f4": "MET_FLOAT", "f8": "MET_DOUBLE"},
}


@dataclass(frozen=True)
class Scans:
    """Hold the headers of the scans, and what they are beside."""

    paths: dict[str, str]
    """By `idx`: the header, relative to the manifest."""
    texts: dict[str, str]
    links: dict[str, str]
    left_out: dict[str, tuple[str, ...]]
    sources: tuple[Path, ...]


def describe_scans(download: Path) -> Scans:
    """Make a header for each array of a download.

    Raises:
        CohortError: There are no arrays, or nothing says how large their voxels are.
    """
    arrays = [one for one in find_all(download, _PLACES) if one.stem.isdigit()]
    files = {one.stem: one for one in arrays}
    if len(files) < len(arrays):
        twice = next(one for one in arrays if files[one.stem] != one)
        raise CohortError(
            f"{twice}: is there a second time, as {files[twice.stem]}; keep one of them"
        )
    if not files:
        raise CohortError(
            f"{download}: holds no arrays such as 0/12.npy; name the folder with the unpacked "
            "download, or use --variant features"
        )
    if not find_all(download, (GEOMETRY,)):
        raise CohortError(
            f"{download}: holds no {GEOMETRY}, and RadFusion's arrays carry no voxel size; write "
            "one as `mmfeat manifest show radfusion --readme` says, or use --variant features"
        )
    file = find_one(download, (GEOMETRY,), what="table of voxel sizes")
    geometry = _geometry(file)
    scans = Scans({}, {}, {}, {}, (file,))
    unreadable, without = [], []
    for idx, array in files.items():
        size = geometry.get(idx, geometry.get(ANY))
        header = None if size is None else _header(array, size)
        if size is None:
            without.append(idx)
        elif header is None:
            unreadable.append(idx)
        else:
            scans.paths[idx] = f"{FOLDER}/{idx}.mhd"
            scans.texts[f"{FOLDER}/{idx}.mhd"] = header
            scans.links[f"{FOLDER}/{idx}.npy"] = array.relative_to(download).as_posix()
    reasons = {UNREADABLE: unreadable, NO_GEOMETRY: without}
    scans.left_out.update({reason: tuple(ids) for reason, ids in reasons.items() if ids})
    return scans


def _geometry(file: Path) -> dict[str, "pd.Series[Any]"]:
    """Return the voxel size and direction of slices of each row."""
    required = ("idx", *_SIZES, "first_slice")
    table = plain_key(read_source(file, required=required)).unique("idx").known("first_slice")
    frame = pd.DataFrame(
        {
            **{one: table.known(one).number(one, minimum=0.1, maximum=20) for one in _SIZES},
            "up": table.coded("first_slice", _FIRST),
        }
    )
    rows = frame.set_axis(table["idx"], axis=0)
    return {str(idx): rows.loc[idx] for idx in rows.index}


def _header(file: Path, size: "pd.Series[Any]") -> str | None:
    """Return the header of an array; None where it is no plain volume of numbers."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError):
        return None
    kind = array.dtype.str[1:]
    if array.ndim != 3 or kind not in _TYPES or not array.flags.c_contiguous:
        return None
    depth, height, width = array.shape
    lines = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": str(array.dtype.str[0] == ">"),
        "CompressedData": "False",
        # Columns run to the patient's left, rows to the back, as in axial slices of DICOM.
        "TransformMatrix": f"1 0 0 0 1 0 0 0 {size['up']}",
        "Offset": "0 0 0",
        "ElementSpacing": f"{size['column_mm']:g} {size['row_mm']:g} {size['slice_mm']:g}",
        "DimSize": f"{width} {height} {depth}",
        "ElementType": _TYPES[kind],
        "HeaderSize": str(array.offset),
        "ElementDataFile": file.name,
    }
    return "".join(f"{key} = {value}\n" for key, value in lines.items())
