"""Volumes to prepare: made-up ones with every kind of affine, and the real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from scipy.spatial.transform import Rotation

from mmfeat.volumes import Volume, read_volume


def made_up(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    *,
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    gantry_tilt_deg: float = 0.0,
) -> Volume:
    """Noise in whole HU; axes (slice, row, column) of an LPS scan, turned about x, y and z."""
    generator = np.random.default_rng(sum(shape))
    lps_scan = np.array([[0.0, 0.0, -1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
    lps_scan[1, 0] = np.tan(np.deg2rad(gantry_tilt_deg))
    turned = Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix()
    affine = np.eye(4)
    affine[:3, :3] = turned @ lps_scan @ np.diag(spacing_mm)
    affine[:3, 3] = (80.5, 120.25, -300.0)
    return Volume(hu=generator.normal(-200, 500, shape).astype(np.int16), affine=affine)


def _rounded(volume: Volume, decimals: int) -> Volume:
    """Round the affine, as headers do: axes are then no longer at right angles."""
    return Volume(volume.hu, np.round(volume.affine, decimals))


VOLUMES: dict[str, Callable[[], Volume]] = {
    "thin slices": lambda: made_up((31, 40, 44), (1.0, 0.8, 0.8)),
    "thick slices": lambda: made_up((9, 40, 45), (5.0, 0.7, 0.75)),
    "every axis its own spacing": lambda: made_up((20, 33, 38), (2.2, 0.4, 1.3)),
    "wanted spacing already": lambda: made_up((12, 21, 22), (3.0, 1.5, 1.5)),
    "turned about the body's axis": lambda: made_up(
        (12, 40, 44), (3.1, 0.8, 0.8), turn_deg=(0, 0, 20)
    ),
    "oblique": lambda: made_up((14, 38, 36), (2.7, 0.9, 0.8), turn_deg=(25, -14, 33)),
    "gantry tilt": lambda: made_up((14, 38, 36), (2.7, 0.9, 0.8), gantry_tilt_deg=14),
    "oblique, affine rounded to micrometres": lambda: _rounded(
        made_up((14, 38, 36), (2.7, 0.9, 0.8), turn_deg=(25, -14, 33)), 3
    ),
    "oblique, affine rounded to a tenth of a micrometre": lambda: _rounded(
        made_up((14, 38, 36), (2.7, 0.9, 0.8), turn_deg=(25, -14, 33)), 4
    ),
    "oblique, affine rounded to nanometres": lambda: _rounded(
        made_up((14, 38, 36), (2.7, 0.9, 0.8), turn_deg=(25, -14, 33)), 6
    ),
    "two voxels an axis": lambda: made_up((2, 2, 2), (2.5, 2.0, 2.0)),
    "one slice": lambda: made_up((1, 9, 7), (2.5, 2.0, 2.0)),
    "one voxel": lambda: made_up((1, 1, 1), (2.5, 2.0, 2.0)),
    "huge voxels": lambda: made_up((3, 4, 5), (30.0, 25.0, 20.0)),
    "minute voxels": lambda: made_up((12, 40, 44), (0.05, 0.04, 0.04)),
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
def make_volume() -> Callable[..., Volume]:
    """The function that makes up volumes."""
    return made_up


@pytest.fixture(scope="session")
def as_monai() -> Callable[[Volume], MetaTensor]:
    """A function that gives a volume as MONAI's transforms take it, channel first."""
    return lambda volume: MetaTensor(
        torch.from_numpy(volume.hu.astype(np.float32))[None], affine=torch.from_numpy(volume.affine)
    )
