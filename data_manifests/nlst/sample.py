"""Write a made-up download of NLST: its public tables, and scans or Google's archives."""

from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

import numpy as np

from ..made_up_dicom import made_up_uid, write_series
from ..made_up_scans import made_up_chest
from .google_archive import ARCHIVES
from .sample_people import DAY_OF_SCREEN, Person, made_up_people
from .sample_tables import write_abnormalities, write_csv, write_participants

_TABLES = "nlst_780"
_RELEASE = "idc_20210527.csv"
_YEARS = (1999, 2000, 2001)
_WIDTH = 32  # CT Foundation's have 1,408
_KERNELS = ("STANDARD", "B30f", "BONE")


def write_sample(folder: Path, variant: str) -> None:
    """Write the download of a variant into an empty folder."""
    people = made_up_people()
    tables = folder / _TABLES
    write_participants(tables / f"{_TABLES}_prsn_{_RELEASE}", people)
    if variant == "embeddings":
        _write_archives(folder, people)
        return
    write_abnormalities(tables / f"{_TABLES}_ctab_{_RELEASE}", people)
    split = [{"pid": one.pid, "split": one.part} for one in people]
    write_csv(folder / "sybil_split.csv", split)
    listed = [
        row for one in people for year in one.screens for row in _write_screen(folder, one, year)
    ]
    write_csv(folder / "metadata.csv", listed)


def _write_screen(folder: Path, one: Person, year: int) -> list[dict[str, str]]:
    """Write the series of a screen; return their rows of the list."""
    scan = made_up_chest(10 * one.number + year, lesion=0.0 if one.diagnosed is None else 0.4)
    study = made_up_uid(one.pid, year)
    rows = []
    # The first screen has a series of thin and one of thick slices, all others thick ones.
    for number, every in enumerate((1, 2) if one.number == year == 0 else (2,), start=2):
        kernel = _KERNELS[one.number % len(_KERNELS)]
        fields = {
            "PatientID": one.pid,
            "StudyInstanceUID": study,
            "SeriesInstanceUID": made_up_uid(one.pid, year, number),
            "SeriesNumber": number,
            "StudyDate": f"{_YEARS[year]}0102",
            "ClinicalTrialTimePointID": f"T{year}",
            "ClinicalTrialProtocolID": "NLST",
            "SeriesDescription": f"{year},OPA,XX,MADEUP,{kernel},336,{9 * every},120,60,na,na",
        }
        place = Path("NLST", one.pid, f"01-02-{_YEARS[year]}-NLST-XX", f"{number}.000000-{kernel}")
        n_images = write_series(folder / place, scan, fields, every=every)
        rows.append(
            {
                "Series UID": str(fields["SeriesInstanceUID"]),
                "Collection": "NLST",
                "Subject ID": one.pid,
                "Study UID": study,
                "Study Date": f"01-02-{_YEARS[year]}",
                "Series Description": str(fields["SeriesDescription"]),
                "Modality": "CT",
                "Number of Images": str(n_images),
                "File Location": str(PureWindowsPath(".", *place.parts)),
            }
        )
    return rows


def _write_archives(folder: Path, people: Sequence[Person]) -> None:
    """Write both archives, each a pickled dictionary as NumPy saves one."""
    rng = np.random.default_rng(1408)
    content: dict[str, dict[str, object]] = {part: {} for part in ARCHIVES}
    for one in people:
        for year in one.screens:
            since = np.inf if one.diagnosed is None else one.diagnosed - DAY_OF_SCREEN[year]
            vector = rng.normal(0, 1, _WIDTH).astype(np.float32)
            vector[0] += 1.5 * (since < 2 * 365)
            content["tune" if one.part == "test" else "train"][f"nlst/{one.pid}/T{year}"] = {
                "embedding": vector,
                "cancer_in_1": int(since < 365),
                "cancer_in_2": int(since < 2 * 365),
            }
    for part, name in ARCHIVES.items():
        np.savez(folder / name, np.array(content[part], dtype=object))
