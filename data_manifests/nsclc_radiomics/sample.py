"""A small made-up download in the layout of NSCLC-Radiomics."""

from pathlib import Path

import numpy as np

from ..made_up_dicom import made_up_uid, write_series
from ..made_up_outlines import place_of, write_outlines
from ..made_up_scans import made_up_chest

_N_PATIENTS = 20
_NAME = "NSCLC-Radiomics-Lung1.clinical-version3-Oct-2019.csv"
_HEADER = (
    "PatientID,age,clinical.T.Stage,Clinical.N.Stage,Clinical.M.Stage,Overall.Stage,Histology,"
    "gender,Survival.time,deadstatus.event"
)
_STAGES = ("I", "II", "IIIa", "IIIb")
_HISTOLOGY = ("adenocarcinoma", "large cell", "squamous cell carcinoma")
_NO_HISTOLOGY = {10: "nos", 20: "NA"}
_TUMOUR_AT = (18, 11, 9)
_WITHOUT_OUTLINE = 14


def write_sample(folder: Path, variant: str) -> None:
    """Write the clinical file, a CT for each patient and, of the variant ``tumour``, outlines."""
    rng = np.random.default_rng(422)
    rows = [_HEADER]
    for number in range(1, _N_PATIENTS + 1):
        patient, level = f"LUNG1-{number:03d}", number % len(_STAGES)
        frail = 0.25 * level + rng.normal(0, 0.2)
        dead = int(rng.random() < 0.8)
        days = int(rng.exponential(900 / (0.6 + frail + 0.01)) + 30) if dead else 2000 + number
        age = "NA" if number % 12 == 0 else f"{rng.normal(68, 9):.4f}"
        histology = _NO_HISTOLOGY.get(number, _HISTOLOGY[number % len(_HISTOLOGY)])
        rows.append(
            f"{patient},{age},{rng.integers(1, 5)},{level},0,{_STAGES[level]},{histology},"
            f"{'male' if number % 3 else 'female'},{days},{dead}"
        )
        _write_patient(
            folder / "NSCLC-Radiomics" / patient,
            patient,
            lesion=float(np.clip(frail, 0, 1)),
            outlined=variant == "tumour" and number != _WITHOUT_OUTLINE,
        )
    (folder / _NAME).write_text("\n".join(rows) + "\n", encoding="utf-8")


def _write_patient(folder: Path, patient: str, *, lesion: float, outlined: bool) -> None:
    scan = made_up_chest(int(patient[-3:]), lesion=lesion)
    study = folder / "01-01-2014-NA-StudyID-12345"
    fields = {
        "PatientID": patient,
        "StudyDate": "20140101",
        "StudyInstanceUID": made_up_uid(patient, "study"),
        "SeriesInstanceUID": made_up_uid(patient, "ct"),
    }
    write_series(study / "0.000000-NA-82046", scan, fields)
    if not outlined:
        return
    depth, row, column = _TUMOUR_AT
    outlines = [
        np.array(
            [
                place_of(scan, (depth + slice_, row + y, column + x))
                for y, x in ((-1, -1), (-1, 1), (1, 1), (1, -1))
            ]
        )
        for slice_ in (-1, 0, 1)
    ]
    lung = [outline + np.array([40.0, 0.0, 0.0]) for outline in outlines]
    fields = {**fields, "SeriesInstanceUID": made_up_uid(patient, "outlines")}
    write_outlines(
        study / "0.000000-NA-41627" / "1-1.dcm", fields, {"Lung-Left": lung, "GTV-1": outlines}
    )
