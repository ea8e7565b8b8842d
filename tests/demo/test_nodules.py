"""Nodules lie in the lungs, stay where they are, and have the size and density asked for."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.demo.anatomy import draw_anatomy, lung_distance
from mmfeat.demo.grid import Grid
from mmfeat.demo.nodules import GROUND_GLASS_HU, SOLID_HU, Nodule, paint_nodule, place_nodules
from mmfeat.demo.patients import Lesions

LUNG_HU = -860.0
GRID = Grid.regular((48, 48, 48), (2.0, 2.0, 2.0), (0, 0, 0))


def _painted(diameter_mm: float, spiculation: float = 0.0, solid: float = 1.0) -> np.ndarray:
    tissue = np.full(GRID.shape, LUNG_HU, dtype=np.float32)
    paint_nodule(GRID, tissue, Nodule(np.zeros(3), diameter_mm, spiculation, solid, (1,)))
    return tissue


def _anatomy(seed: int):
    return draw_anatomy(np.random.default_rng(seed), sex="F", bmi=25, seed=(seed,))


@given(seed=st.integers(0, 500), n_nodules=st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_every_nodule_lies_in_a_lung_and_the_first_is_the_largest(seed, n_nodules):
    lesions = Lesions(18.0, 0.4, 1.0, 0.2, 0.2, atelectasis=False, n_nodules=n_nodules)
    nodules = place_nodules(_anatomy(seed), lesions)
    assert len(nodules) == n_nodules
    assert nodules[0].diameter_mm == max(nodule.diameter_mm for nodule in nodules) == 18.0
    for nodule in nodules:
        assert lung_distance(_anatomy(seed), *nodule.place_mm) < -4


def test_a_nodule_that_grew_is_still_in_its_place():
    lesions = Lesions(10.0, 0.4, 1.0, 0.2, 0.2, atelectasis=False, n_nodules=2)
    before = place_nodules(_anatomy(1), lesions)
    after = place_nodules(_anatomy(1), replace(lesions, diameter_mm=16.0, n_nodules=3))
    for old, new in zip(before, after, strict=False):
        np.testing.assert_array_equal(old.place_mm, new.place_mm)


@pytest.mark.parametrize("diameter_mm", [10, 20, 36])
def test_a_smooth_solid_nodule_has_about_the_volume_of_its_ball(diameter_mm):
    share = (_painted(diameter_mm) - LUNG_HU) / (SOLID_HU - LUNG_HU)
    expected = math.pi / 6 * diameter_mm**3
    assert share.sum() * 8 == pytest.approx(expected, rel=0.2)


def test_a_spiculated_nodule_reaches_further_and_has_more_surface():
    reach = []
    for spiculation in (0.0, 0.5, 1.0):
        inside = _painted(20, spiculation) > -400
        distance = np.sqrt(GRID.x**2 + GRID.y**2 + GRID.z**2)
        reach.append(distance[inside].max())
    assert reach[0] < 13
    assert reach[0] + 3 < reach[1] < reach[2]


def test_ground_glass_part_solid_and_solid_differ_in_core_and_shell():
    middle = GRID.shape[0] // 2
    cores = [_painted(24, solid=solid)[middle, middle, middle] for solid in (0.08, 0.5, 1.0)]
    assert cores == pytest.approx([GROUND_GLASS_HU, SOLID_HU, SOLID_HU], abs=1)
    shells = [_painted(24, solid=solid)[middle, middle, middle + 5] for solid in (0.08, 0.5, 1.0)]
    assert shells[0] == pytest.approx(GROUND_GLASS_HU, abs=1)
    assert shells[1] < -300
    assert shells[2] == pytest.approx(SOLID_HU, abs=1)


def test_a_nodule_outside_the_grid_changes_nothing():
    tissue = np.full(GRID.shape, LUNG_HU, dtype=np.float32)
    paint_nodule(GRID, tissue, Nodule(np.array([900.0, 0.0, 0.0]), 20.0, 0.5, 1.0, (1,)))
    assert (tissue == LUNG_HU).all()
