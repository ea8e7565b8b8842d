"""A small made-up download in the layout of CT-RATE."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import Volume

from ..made_up_scans import made_up_chest, write_nifti
from .findings import FINDINGS

_PATIENTS = {"train": 26, "valid": 10}
_TABLES = {
    "train": ("train_metadata", "train_reports", "train_predicted_labels"),
    "valid": ("validation_metadata", "validation_reports", "valid_predicted_labels"),
}
_METADATA = ("VolumeName", "Manufacturer", "PatientSex", "PatientAge", "ConvolutionKernel")
_METADATA_TOO = ("RescaleIntercept", "RescaleSlope", "StudyDate")
_REPORTS = (
    *("VolumeName", "ClinicalInformation_EN", "Technique_EN"),
    *("Findings_EN", "Impressions_EN"),
)
_INDICATIONS = ("Cough and fever.", "Shortness of breath.", "Control of a nodule.", "Not given.")


def write_sample(folder: Path, variant: str) -> None:  # noqa: ARG001 - one download for all
    """Write ``dataset/`` with its tables and ``train_fixed/`` and ``valid_fixed/``."""
    rng = np.random.default_rng(2403)
    root = folder / "dataset"
    for split, n_patients in _PATIENTS.items():
        metadata, reports, labels = [], [], []
        for number in range(1, n_patients + 1):
            sex, age = "MF"[int(rng.integers(2))], int(rng.integers(20, 90))
            for scan in "ab"[: 1 + (number % 9 == 0)]:
                findings = (rng.random(len(FINDINGS)) < 0.35).astype(int)
                indication = str(rng.choice(_INDICATIONS))
                for reconstruction in range(1, 2 + (number % 4 == 0)):
                    name = f"{split}_{number}_{scan}_{reconstruction}.nii.gz"
                    kernel = ("B30f", "B70f")[reconstruction - 1]
                    place = (
                        root / f"{split}_fixed" / f"{split}_{number}" / f"{split}_{number}_{scan}"
                    )
                    write_nifti(place / name, _scan(rng, findings))
                    metadata.append(
                        [name, "Made-up", sex, f"{age:03d}Y", kernel, "-1024", "1", "20210101"]
                    )
                    reports.append([name, indication, "Thin slices.", *_report(findings)])
                    labels.append([name, *findings])
        _write_tables(root, split, metadata, reports, labels)
    other = root / "metadata" / "no_chest_train.txt"
    other.write_text("train_1_a_1.nii.gz\n", encoding="utf-8")
    (root / "metadata" / "no_chest_valid.txt").write_text("", encoding="utf-8")


def _scan(rng: np.random.Generator, findings: NDArray[np.int64]) -> Volume:
    opacity = findings[FINDINGS.index("Lung opacity")]
    return made_up_chest(int(rng.integers(1000)), lesion=0.1 + 0.5 * float(opacity))


def _report(findings: NDArray[np.int64]) -> tuple[str, str]:
    seen = [name for name, is_there in zip(FINDINGS, findings, strict=True) if is_there]
    return (". ".join(seen) or "Normal.", seen[0] if seen else "No finding.")


def _write_tables(
    root: Path,
    split: str,
    metadata: list[list[str]],
    reports: list[list[str]],
    labels: list[list[str]],
) -> None:
    folders = ("metadata", "radiology_text_reports", "multi_abnormality_labels")
    headers = ((*_METADATA, *_METADATA_TOO), _REPORTS, ("VolumeName", *FINDINGS))
    for place, header, name, rows in zip(
        folders, headers, _TABLES[split], (metadata, reports, labels), strict=True
    ):
        file = root / place / f"{name}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *rows])
