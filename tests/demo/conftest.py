"""A small made-up cohort and a small scan, made once."""

from pathlib import Path

import numpy as np
import pytest

from mmfeat.demo.anatomy import draw_anatomy
from mmfeat.demo.patients import Lesions
from mmfeat.demo.phantom import paint_chest
from mmfeat.demo.scanner import Acquisition, draw_acquisition, scan
from mmfeat.demo.write_cohort import Request, write_cohort

SMALL = Request(n_patients=20, size=32, seed=3)


@pytest.fixture(scope="session")
def small_cohort(tmp_path_factory) -> Path:
    """A finished cohort of 20 patients with scans of 32 x 32 voxels a slice; tests only read it."""
    folder = tmp_path_factory.mktemp("demo") / "cohort"
    write_cohort(folder, SMALL)
    return folder


@pytest.fixture(scope="session")
def small_scan() -> tuple[np.ndarray, Acquisition]:
    """The stored numbers ``(depth, height, width)`` of one scan, and how it was taken."""
    rng = np.random.default_rng(8)
    anatomy = draw_anatomy(rng, sex="M", bmi=25, seed=(8,))
    lesions = Lesions(20.0, 0.5, 1.0, 0.3, 0.2, atelectasis=False, n_nodules=1)
    acquisition = draw_acquisition(rng, anatomy, scanner="Vela S", size=40)
    return scan(rng, paint_chest(acquisition.grid, anatomy, lesions), acquisition), acquisition
