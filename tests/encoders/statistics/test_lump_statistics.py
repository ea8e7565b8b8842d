"""Lumps in lungs: balls and rods of known size."""

import numpy as np
import pytest

from mmfeat.encoders.statistics.lump_statistics import (
    DENSE_HU,
    LUMP_SCALES_MM,
    RADII_MM,
    roundness,
    thickness,
)

SPACING_MM = (1.5, 1.0, 1.0)
SHAPE = (60, 90, 90)
OUTLINE = np.ones(SHAPE, bool)
PLACES = np.meshgrid(
    *(np.arange(n) * s for n, s in zip(SHAPE, SPACING_MM, strict=True)), indexing="ij"
)


def _lung(*lumps):
    hu = np.full(SHAPE, -860, np.float32)
    for lump in lumps:
        hu[lump] = 35
    return hu


def _ball(radius_mm, centre=(45.0, 45.0, 45.0)):
    return sum((p - c) ** 2 for p, c in zip(PLACES, centre, strict=True)) <= radius_mm**2


def _rod(radius_mm):
    return (PLACES[1] - 45) ** 2 + (PLACES[2] - 45) ** 2 <= radius_mm**2


def _strongest(hu):
    """The strongest lump at each scale."""
    return np.array(roundness(hu, OUTLINE, SPACING_MM)[: 3 * len(LUMP_SCALES_MM) : 3])


def test_the_depth_of_a_ball_is_its_radius_and_its_volume_that_of_balls():
    depth_mm, log_volume, *log_deeper = thickness(_lung(_ball(12)), OUTLINE, SPACING_MM)[:8]
    assert depth_mm == pytest.approx(12, abs=1.0)
    assert np.expm1(log_volume) == pytest.approx(4 / 3 * np.pi * 1.2**3, rel=0.03)
    # Deeper than r: a ball whose radius is smaller by r, up to half a voxel.
    assert np.expm1(log_deeper[1]) == pytest.approx(4 / 3 * np.pi * 0.75**3, rel=0.2)
    assert log_deeper[RADII_MM.index(16.0)] == 0


def test_ground_glass_counts_only_under_its_own_threshold():
    hu = np.full(SHAPE, -860, np.float32)
    hu[_ball(10)] = -560
    found = np.reshape(thickness(hu, OUTLINE, SPACING_MM), (len(DENSE_HU), -1))
    assert found[0, 0] == pytest.approx(10, abs=1.0)
    assert not found[1:].any()


def test_what_is_outside_the_outline_does_not_count():
    assert not any(thickness(_lung(_ball(12)), np.zeros(SHAPE, bool), SPACING_MM))
    assert not any(
        roundness(_lung(_ball(12)), np.zeros(SHAPE, bool), SPACING_MM)[: 3 * len(LUMP_SCALES_MM)]
    )


def test_a_ball_is_far_stronger_than_a_vessel_of_its_thickness():
    assert _strongest(_lung(_ball(6))).max() > 5 * _strongest(_lung(_rod(6))).max()


@pytest.mark.parametrize("radius_mm", [5.0, 9.0, 17.0])
def test_the_scale_of_the_strongest_lump_follows_the_radius(radius_mm):
    *_, log_scale, hu = roundness(_lung(_ball(radius_mm)), OUTLINE, SPACING_MM)
    # The response of a ball to the scaled Laplacian is largest at sigma = radius / sqrt(3).
    nearest = min(LUMP_SCALES_MM, key=lambda scale: abs(np.log(scale * np.sqrt(3) / radius_mm)))
    assert np.exp(log_scale) == pytest.approx(nearest)
    assert hu > -700


def test_two_balls_rank_first_and_second():
    one = np.reshape(roundness(_lung(_ball(6)), OUTLINE, SPACING_MM)[:-2], (-1, 3))
    two = roundness(_lung(_ball(6, (30, 25, 25)), _ball(6, (60, 65, 65))), OUTLINE, SPACING_MM)
    two = np.reshape(two[:-2], (-1, 3))
    scale = LUMP_SCALES_MM.index(3.5)
    assert one[scale, 1] < 0.05 * one[scale, 0]
    assert two[scale, 1] == pytest.approx(two[scale, 0], rel=0.1)
