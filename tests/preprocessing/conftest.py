"""Volumes to prepare: made-up ones with every kind of affine, and the real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from mmfeat.volumes import Volume, read_volume


def made_up(
    shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], *, turn_deg: float = 0.0
) -> Volume:
    """Noise in HU; axes (slice, row, column) of an LPS scan, turned about the body's axis."""
    generator = np.random.default_rng(sum(shape))
    turn = np.deg2rad(turn_deg)
    turned = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    lps_scan = np.array([[0.0, 0.0, -1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
    affine = np.eye(4)
    affine[:3, :3] = turned @ lps_scan @ np.diag(spacing_mm)
    affine[:3, 3] = (80.5, 120.25, -300.0)
    hu = generator.normal(-200, 500, shape).astype(np.float32)
    return Volume(hu=hu, affine=affine)


VOLUMES: dict[str, Callable[[], Volume]] = {
    "thin slices": lambda: made_up((31, 40, 44), (1.0, 0.8, 0.8)),
    "thick slices": lambda: made_up((9, 40, 45), (5.0, 0.7, 0.75)),
    "turned by 20 degrees": lambda: made_up((12, 40, 44), (3.1, 0.8, 0.8), turn_deg=20),
    "wanted spacing already": lambda: made_up((12, 21, 22), (3.0, 1.5, 1.5)),
    "two slices": lambda: made_up((2, 9, 7), (2.5, 2.0, 2.0)),
}
REAL = (
    "totalseg_chest_pulm_crop_1p5mm_LPS.nii.gz",
    "totalseg_abdomen_3mm.nii.gz",
    "totalseg_abdomen_sm_3mm.nii.gz",
)


@pytest.fixture(params=[*VOLUMES, *REAL])
def volume(request: pytest.FixtureRequest) -> Volume:
    """Each of the made-up and real volumes in turn."""
    if request.param in VOLUMES:
        return VOLUMES[request.param]()
    folder: Path = request.getfixturevalue("shared_data")
    return read_volume(folder / "ct_nifti" / request.param)


@pytest.fixture(scope="session")
def as_monai() -> Callable[[Volume], MetaTensor]:
    """A volume as MONAI's transforms take it, channel first."""
    return lambda volume: MetaTensor(
        torch.from_numpy(volume.hu.copy())[None], affine=torch.from_numpy(volume.affine)
    )
