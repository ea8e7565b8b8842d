"""A few made-up scans and a table of them, for settings that documents show."""

from pathlib import Path

import nibabel as nib
import numpy as np

from mmfeat.encoders.made_up_scan import made_up_scan


def write_cohort(folder: Path, n_cases: int = 3) -> None:
    """Write `manifest.csv` with the columns case_id, patient_id, ct and cancer, and its scans."""
    rows = ["case_id,patient_id,ct,cancer"]
    for number in range(n_cases):
        scan = made_up_scan(seed=number)
        image = nib.Nifti1Image(np.asarray(scan.hu, np.int16), scan.affine)
        nib.save(image, folder / f"scan{number}.nii.gz")
        rows.append(f"c{number},p{number},scan{number}.nii.gz,{number % 2}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
