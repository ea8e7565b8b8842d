"""Shapes in millimetres become the right shares of voxels, whatever the grid."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.demo.grid import Grid, blend, strand


def _grid(spacing_mm: float = 2.0, size: int = 40) -> Grid:
    return Grid.regular((size, size, size), (spacing_mm,) * 3, (0, 0, 0))


@given(radius_mm=st.floats(6, 25), spacing_mm=st.sampled_from([1.5, 2.0, 3.0]))
@settings(max_examples=15, deadline=None)
def test_a_ball_has_the_volume_of_a_ball(radius_mm, spacing_mm):
    grid = _grid(spacing_mm, int(64 / spacing_mm))
    # An edge that falls evenly over one voxel adds r e^2 / 4 to r^3.
    expected = 4 / 3 * math.pi * (radius_mm**3 + radius_mm * spacing_mm**2 / 4)
    as_ellipsoid = grid.ellipsoid((0, 0, 0), (radius_mm,) * 3).sum() * spacing_mm**3
    as_tube = grid.tubes(np.zeros((1, 3)), np.array([radius_mm])).sum() * spacing_mm**3
    assert as_ellipsoid == pytest.approx(expected, rel=0.03)
    assert as_tube == pytest.approx(expected, rel=0.03)


def test_an_ellipsoid_has_its_axes_where_they_were_asked_for():
    grid = _grid()
    share = grid.ellipsoid((10, 0, -8), (12, 6, 20))
    weights = share / share.sum()
    assert (weights * grid.x).sum() == pytest.approx(10, abs=0.2)
    assert (weights * grid.z).sum() == pytest.approx(-8, abs=0.2)
    # The variance of a solid ellipsoid along an axis is its square half length over five.
    assert (weights * grid.y**2).sum() == pytest.approx(36 / 5, rel=0.15)
    assert (weights * (grid.z + 8) ** 2).sum() == pytest.approx(400 / 5, rel=0.1)


def test_a_tube_has_the_volume_of_a_cylinder_with_round_ends():
    points = strand([(0, 0, -25), (0, 0, 25)], step_mm=1.0)
    volume = _grid().tubes(points, np.full(len(points), 7.0)).sum() * 8
    assert volume == pytest.approx(math.pi * 49 * 50 + 4 / 3 * math.pi * 343, rel=0.05)


def test_tubes_outside_the_grid_leave_it_empty():
    far = np.array([[500.0, 0.0, 0.0], [0.0, -500.0, 0.0]])
    assert not _grid().tubes(far, np.full(2, 5.0)).any()


def test_texture_belongs_to_the_place_and_not_to_the_grid():
    coarse = Grid.regular((20, 20, 20), (4.0,) * 3, (0, 0, 0))
    fine = Grid.regular((39, 39, 39), (2.0,) * 3, (0, 0, 0))  # every second voxel is the same place
    seen = [grid.texture(np.random.default_rng(4), 9.0, 60.0) for grid in (coarse, fine)]
    np.testing.assert_allclose(seen[0], seen[1][::2, ::2, ::2], atol=1e-4)


def test_texture_is_about_standard_normal():
    texture = _grid(3.0, 100).texture(np.random.default_rng(5), 7.0)
    assert texture.mean() == pytest.approx(0, abs=0.05)
    assert texture.std() == pytest.approx(1, abs=0.25)


def test_blend_mixes_by_share():
    values = np.array([0.0, 0.0, 100.0], dtype=np.float32)
    blend(values, np.array([0.0, 0.25, 1.0], dtype=np.float32), 40.0)
    assert values.tolist() == [0.0, 10.0, 40.0]


def test_strand_keeps_its_corners_and_its_step():
    line = strand([(0, 0, 0), (0, 9, 0), (0, 9, 5)], step_mm=2.0)
    assert line[0].tolist() == [0, 0, 0]
    assert line[-1].tolist() == [0, 9, 5]
    assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() <= 2.0
