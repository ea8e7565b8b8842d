"""A small made-up download in the layout of the Merlin dataset."""

import csv
from pathlib import Path

import numpy as np

from ..made_up_scans import made_up_chest, write_nifti
from ..made_up_workbooks import write_workbook
from .findings import FINDINGS

_N_STUDIES = 36
_PARTS = ("train",) * 6 + ("val",) * 2 + ("test",) * 2


def write_sample(folder: Path, variant: str) -> None:  # noqa: ARG001 - there is one variant
    """Write ``merlinabdominalctdataset/`` with its tables and ``merlin_data/``."""
    rng = np.random.default_rng(10181)
    root = folder / "merlinabdominalctdataset"
    reports = [["study id", "Findings", "Split", "Few Shot"]]
    labels: list[list[str]] = [["study_id", *FINDINGS]]
    metadata = [["study_id", "Age", "Gender", "Race", "phase", "manufacturer", "kvp"]]
    for number in range(_N_STUDIES):
        study = f"AC{int(rng.integers(16**6)):06x}{number:02x}"
        said = rng.choice(["1", "0", "-1"], size=len(FINDINGS), p=(0.3, 0.4, 0.3))
        ascites = said[FINDINGS.index("ascites")] == "1"
        scan = made_up_chest(int(rng.integers(1000)), lesion=0.6 if ascites else 0.1)
        write_nifti(root / "merlin_data" / f"{study}.nii.gz", scan)
        reports.append([study, "Liver: made up.", _PARTS[number % len(_PARTS)], ""])
        labels.append([study, *said.tolist()])
        gender = str(rng.choice(["Female", "Male"]))
        metadata.append([study, str(rng.integers(18, 95)), gender, "Unknown", "Portal", "M", "120"])
    write_workbook(root / "reports_final.xlsx", reports)
    _write_csv(root / "zero_shot_findings_disease_cls.csv", labels)
    _write_csv(root / "metadata.csv", metadata[:-2])  # the real one lacks some studies, too


def _write_csv(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
