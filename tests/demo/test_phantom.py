"""The phantom has the attenuations and the build of a chest, on any grid."""

import numpy as np
import pytest

from mmfeat.demo.anatomy import draw_anatomy, lung_distance
from mmfeat.demo.grid import Grid
from mmfeat.demo.patients import Lesions
from mmfeat.demo.phantom import paint_chest

HEALTHY = Lesions(6.0, 0.0, 1.0, 0.0, 0.0, atelectasis=False, n_nodules=1)


def _anatomy(seed: int = 1, sex: str = "M"):
    return draw_anatomy(np.random.default_rng(seed), sex=sex, bmi=26, seed=(seed,))


def _grid(size: int = 64) -> Grid:
    pixel = 380 / size
    return Grid.regular((int(310 / pixel), size, size), (pixel,) * 3, (-5, 0, 0))


@pytest.fixture(scope="module")
def chest():
    return paint_chest(_grid(), _anatomy(), HEALTHY)


@pytest.mark.parametrize(
    ("low_hu", "high_hu", "least", "most"),
    [
        (-1001, -990, 0.15, 0.60),  # air around the body
        (-930, -780, 0.08, 0.30),  # lung
        (-125, -60, 0.04, 0.30),  # fat
        (20, 80, 0.10, 0.40),  # muscle, blood and organs
        (150, 700, 0.01, 0.10),  # bone
    ],
)
def test_every_tissue_has_its_peak(chest, low_hu, high_hu, least, most):
    share = ((chest > low_hu) & (chest < high_hu)).mean()
    assert least < share < most


def test_attenuation_stays_within_what_bodies_have(chest):
    assert chest.min() >= -1001
    assert 300 < chest.max() < 1500


@pytest.mark.parametrize("sex", ["F", "M"])
def test_lungs_hold_litres_of_air_and_the_right_one_is_the_larger(sex):
    grid, volumes = _grid(), []
    for seed in range(5):
        lung = lung_distance(_anatomy(seed, sex), grid.x, grid.y, grid.z) < 0
        litres = lung * np.prod(grid.spacing_mm) / 1e6
        right, left = (litres * (grid.x > 0)).sum(), (litres * (grid.x < 0)).sum()
        assert 0.8 < left < right < 4.5
        volumes.append(left + right)
    assert 2.0 < np.mean(volumes) < 7.0


def test_the_heart_is_on_the_left_and_the_liver_on_the_right(chest):
    grid = _grid()
    heart = chest[np.abs(grid.z.ravel() + 45) < 12][:, np.abs(grid.y.ravel() - 25) < 12]
    soft = ((heart > 0) & (heart < 90)).mean(axis=(0, 1))
    inner = np.abs(grid.x.ravel()) < 90
    assert (soft * grid.x.ravel())[inner].sum() < 0
    liver = chest[np.abs(grid.z.ravel() + 110) < 8][:, np.abs(grid.y.ravel()) < 12]
    assert np.median(liver[..., np.abs(grid.x.ravel() - 60) < 12]) == pytest.approx(58, abs=8)


def _lung_voxels(lesions: Lesions) -> np.ndarray:
    grid, anatomy = _grid(), _anatomy(3)
    inside = lung_distance(anatomy, grid.x, grid.y, grid.z) < -4
    return paint_chest(grid, anatomy, lesions)[inside]


def test_emphysema_lowers_attenuation_the_more_of_it_there_is():
    shares = [
        (_lung_voxels(Lesions(6, 0, 1, severity, 0, atelectasis=False, n_nodules=1)) < -950).mean()
        for severity in (0.0, 0.3, 0.6, 0.9)
    ]
    assert shares[0] < 0.03
    assert np.all(np.diff(shares) > 0.005)
    assert 0.15 < shares[3] < 0.7


def test_a_larger_or_denser_nodule_is_more_dense_tissue():
    def dense(diameter_mm: float, solid: float) -> int:
        lesions = Lesions(diameter_mm, 0.1, solid, 0.0, 0.0, atelectasis=False, n_nodules=1)
        return int((_lung_voxels(lesions) > -300).sum())

    assert dense(8, 1.0) < dense(20, 1.0) < dense(35, 1.0)
    assert dense(35, 0.05) < dense(35, 0.5) < dense(35, 1.0)


def test_atelectasis_and_fibrosis_make_lung_denser():
    plain = _lung_voxels(HEALTHY)
    collapsed = _lung_voxels(Lesions(6, 0, 1, 0, 0, atelectasis=True, n_nodules=1))
    scarred = _lung_voxels(Lesions(6, 0, 1, 0, 0.9, atelectasis=False, n_nodules=1))
    assert (collapsed > -200).sum() > (plain > -200).sum() * 1.2
    assert ((scarred > -780) & (scarred < -300)).sum() > 1.5 * (
        (plain > -780) & (plain < -300)
    ).sum()


def test_two_grids_see_the_same_chest():
    coarse = Grid.regular((30, 32, 32), (8.0,) * 3, (0, 0, 0))
    fine = Grid.regular((60, 64, 64), (4.0,) * 3, (0, 0, 0))
    anatomy = _anatomy(2)
    low, high = paint_chest(coarse, anatomy, HEALTHY), paint_chest(fine, anatomy, HEALTHY)
    averaged = high.reshape(30, 2, 32, 2, 32, 2).mean(axis=(1, 3, 5))
    assert np.corrcoef(low.ravel(), averaged.ravel())[0, 1] > 0.97
