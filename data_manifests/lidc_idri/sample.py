"""A small made-up download in the layout of LIDC-IDRI."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from mmfeat.volumes.volume import Volume

from ..made_up_dicom import made_up_uid, write_series
from ..made_up_outlines import place_of
from ..made_up_scans import made_up_chest
from .annotations import RATINGS

_N_PATIENTS = 18
_PLACES = ((17, 11, 9), (8, 12, 22))
"""Slice, row and column of the nodules: far more than a slice's thickness from each other."""
_READINGS = ((5, 4, 4, 5), (1, 2, 2, 1), (3, 3, 4, 2), (5, 4), (2, 1, 2), (4, 5, 4))
_NODULE_HU = 60
_HEADER = (
    '"TCIA Patient ID","Diagnosis at the Patient Level\n0=Unknown\n1=benign or non-malignant '
    'disease\n2= malignant, primary lung cancer\n3 = malignant metastatic\n","Diagnosis Method"'
)


def write_sample(folder: Path, variant: str) -> None:
    """Write a CT and annotations of each patient, and of ``diagnosis`` the table, too."""
    rng = np.random.default_rng(1018)
    rows = [_HEADER]
    for number in range(1, _N_PATIENTS + 1):
        patient = f"LIDC-IDRI-{number:04d}"
        readings = [_READINGS[number % len(_READINGS)], _READINGS[(number + 2) % len(_READINGS)]]
        fields = {
            "PatientID": patient,
            "StudyDate": "20000101",
            "StudyInstanceUID": made_up_uid(patient, "study"),
            "SeriesInstanceUID": made_up_uid(patient, "series"),
        }
        scan = _with_nodules(made_up_chest(number), readings)
        study = folder / "LIDC-IDRI" / patient / "01-01-2000-NA-NA-30178"
        write_series(study / "3000566.000000-NA-03192", scan, fields)
        xml = folder / "tcia-lidc-xml" / "157" / f"{number:03d}.xml"
        xml.parent.mkdir(parents=True, exist_ok=True)
        xml.write_bytes(_annotations(scan, str(fields["SeriesInstanceUID"]), readings, rng))
        rows.append(f'"{patient}",{(1, 2, 3, 1, 0, 2, 3)[number % 7]},{number % 5}')
    if variant == "diagnosis":
        (folder / "tcia-diagnosis-data-2012-04-20.csv").write_text("\n".join(rows) + "\n")


def _with_nodules(scan: Volume, readings: Sequence[Sequence[int]]) -> Volume:
    """Return the scan with a nodule at each place, larger where readers think it malignant."""
    hu = scan.hu.copy()
    for (depth, row, column), ratings in zip(_PLACES, readings, strict=True):
        reach = 2 if np.mean(ratings) > 3 else 1
        box = np.s_[
            depth - 1 : depth + 2,
            row - reach : row + reach + 1,
            column - reach : column + reach + 1,
        ]
        hu[box] = _NODULE_HU
    return Volume(hu, scan.affine)


def _annotations(
    scan: Volume,
    series_uid: str,
    readings: Sequence[Sequence[int]],
    rng: np.random.Generator,
) -> bytes:
    root = Element("LidcReadMessage", {"xmlns": "http://www.nih.gov", "uid": series_uid})
    header = SubElement(root, "ResponseHeader")
    SubElement(header, "SeriesInstanceUid").text = series_uid
    for reader in range(4):
        session = SubElement(root, "readingSession")
        SubElement(session, "servicingRadiologistID").text = "anonymous"
        for number, (place, ratings) in enumerate(zip(_PLACES, readings, strict=True)):
            if reader < len(ratings):
                nodule = _nodule(session, f"{reader}{number}")
                _rate(nodule, ratings[reader], rng)
                _outline(nodule, scan, place, reach=1 if reader == 0 else 2)
        small = _nodule(session, f"{reader}9")  # below 3 mm: a point without ratings
        _region(small, scan, 4, [(16, 16)])
    text: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text


def _nodule(session: Element, name: str) -> Element:
    nodule = SubElement(session, "unblindedReadNodule")
    SubElement(nodule, "noduleID").text = name
    return nodule


def _rate(nodule: Element, malignancy: int, rng: np.random.Generator) -> None:
    given = SubElement(nodule, "characteristics")
    for name, largest in RATINGS.items():
        rating = malignancy if name == "malignancy" else int(rng.integers(1, largest + 1))
        SubElement(given, name).text = str(rating)


def _outline(nodule: Element, scan: Volume, place: tuple[int, int, int], *, reach: int) -> None:
    depth, row, column = place
    corners = [(-reach, -reach), (-reach, reach), (reach, reach), (reach, -reach), (-reach, -reach)]
    middle = [(-1, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]
    for slice_, shape in ((depth - 1, middle), (depth, corners), (depth + 1, middle)):
        _region(nodule, scan, slice_, [(row + y, column + x) for y, x in shape])


def _region(nodule: Element, scan: Volume, slice_: int, corners: Sequence[tuple[int, int]]) -> None:
    region = SubElement(nodule, "roi")
    height: Any = place_of(scan, (slice_, 0, 0))[2]
    SubElement(region, "imageZposition").text = f"{height:.1f}"
    SubElement(region, "inclusion").text = "TRUE"
    for row, column in corners:
        edge = SubElement(region, "edgeMap")
        SubElement(edge, "xCoord").text = str(column)
        SubElement(edge, "yCoord").text = str(row)
