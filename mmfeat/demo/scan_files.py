"""Make the scan of one case, and put it into the cohort's folder whole or not at all."""

import shutil
from pathlib import Path

import numpy as np

from mmfeat.demo.anatomy import Anatomy, draw_anatomy
from mmfeat.demo.cohort_plan import Case
from mmfeat.demo.dicom_scan import Label, write_dicom
from mmfeat.demo.nifti_scan import write_nifti
from mmfeat.demo.phantom import paint_chest
from mmfeat.demo.scanner import draw_acquisition, scan

_ANATOMY, _SCAN = 100, 101  # beside the numbers of cohort_plan
_KEPT_OF_TRUNCATED = 0.6


def anatomy_of(case: Case, seed: int) -> Anatomy:
    """Return the chest of a case's patient: always the same but for the fat under the skin."""
    stream = (seed, _ANATOMY, case.patient)
    rng = np.random.default_rng(stream)
    return draw_anatomy(rng, sex=case.record.sex, bmi=case.record.bmi, seed=(*stream, 0))


def write_scan(folder: Path, case: Case, *, size: int, seed: int) -> None:
    """Write a case's scan under ``folder``, first beside its place and then moved into it.

    A file or folder that is already in place is whole and is left as it is.
    """
    target = folder / case.scan_path
    if target.exists():
        return
    anatomy = anatomy_of(case, seed)
    rng = np.random.default_rng((seed, _SCAN, case.patient, case.visit))
    acquisition = draw_acquisition(rng, anatomy, scanner=case.scanner, size=size)
    stored = scan(rng, paint_chest(acquisition.grid, anatomy, case.lesions), acquisition)
    partial = target.with_name(f".{target.name}.partial")
    if case.scan_format == "dicom":
        if partial.exists():
            shutil.rmtree(partial)
        label = Label(case.patient_id, case.case_id, case.record.sex, case.scan_date)
        left_out = len(stored) // 2 if case.broken else None
        write_dicom(partial, stored, acquisition, rng, label=label, left_out=left_out)
    else:
        write_nifti(partial, stored, acquisition, rng)
        if case.broken:
            content = partial.read_bytes()
            partial.write_bytes(content[: int(_KEPT_OF_TRUNCATED * len(content))])
    partial.replace(target)
