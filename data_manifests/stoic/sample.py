"""A small made-up download in the layout of STOIC 2021."""

from pathlib import Path

import numpy as np

from ..made_up_scans import made_up_chest, write_metaimage

_N_PATIENTS = 36


def write_sample(folder: Path, variant: str) -> None:  # noqa: ARG001 - there is one variant
    """Write ``metadata/reference.csv`` and ``data/mha/<PatientID>.mha``."""
    rng = np.random.default_rng(2021)
    rows = ["PatientID,probCOVID,probSevere"]
    for patient_id in sorted(rng.choice(np.arange(1, 10_735), _N_PATIENTS, replace=False)):
        covid = int(rng.random() < 0.6)
        severe = covid * int(rng.random() < 0.4)
        lesion = 0.1 * rng.random() + 0.3 * covid + 0.4 * severe * rng.random()
        fields = {}
        if rng.random() < 0.9:
            age = int(rng.choice(np.arange(35, 86, 10)))
            fields = {"PatientAge": f"{age:03d}Y", "PatientSex": "M" if rng.random() < 0.6 else "F"}
        scan = made_up_chest(int(patient_id), lesion=float(lesion))
        write_metaimage(folder / "data" / "mha" / f"{patient_id}.mha", scan, fields)
        rows.append(f"{patient_id},{covid},{severe}")
    metadata = folder / "metadata"
    metadata.mkdir()
    (metadata / "reference.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
