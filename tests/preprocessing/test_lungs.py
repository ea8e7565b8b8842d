"""Body and lungs of bodies that are easy to draw."""

import numpy as np
import pytest

from mmfeat.preprocessing.lungs import body_mask, lung_mask, lung_outline

SPACING_MM = (3.0, 2.0, 2.0)


def _ball(shape, centre, radius_mm):
    places = np.meshgrid(
        *(np.arange(n) * s for n, s in zip(shape, SPACING_MM, strict=True)), indexing="ij"
    )
    return sum((p - c) ** 2 for p, c in zip(places, centre, strict=True)) <= radius_mm**2


@pytest.fixture
def chest():
    """A body of water in air with two round lungs, a nodule in one, and a couch beside it."""
    shape = (40, 70, 90)
    hu = np.full(shape, -1000, np.float32)
    hu[:, 8:60, 8:82] = 40
    lungs = np.zeros(shape, bool)
    for across_mm in (50, 130):
        lungs |= _ball(shape, (60, 70, across_mm), 30)
    hu[lungs] = -860
    nodule = _ball(shape, (60, 70, 50), 9)
    hu[nodule] = 30
    hu[:, 66:68, 5:85] = 100  # the couch
    return hu, lungs, nodule


def test_the_body_is_whole_and_the_couch_is_not_part_of_it(chest):
    hu, _, _ = chest
    expected = np.zeros(hu.shape, bool)
    expected[:, 8:60, 8:82] = True
    np.testing.assert_array_equal(body_mask(hu), expected)


def test_lungs_are_the_air_in_the_body_and_their_outline_holds_the_nodule(chest):
    hu, lungs, nodule = chest
    found = lung_mask(hu, body_mask(hu), SPACING_MM)
    np.testing.assert_array_equal(found, lungs & ~nodule)
    outline = lung_outline(found, SPACING_MM)
    assert outline[lungs].all()
    assert (outline & ~lungs).sum() < 0.05 * lungs.sum()


def test_gas_in_the_bowel_is_no_lung(chest):
    hu, _, _ = chest
    hu[hu == -860] = 40
    hu[30:33, 30:35, 40:45] = -900
    assert not lung_mask(hu, body_mask(hu), SPACING_MM).any()


def test_a_crop_from_inside_a_lung_is_body_and_lung_throughout(chest):
    hu, lungs, nodule = chest
    box = (slice(14, 27), slice(28, 43), slice(18, 33))
    crop = hu[box]
    assert lungs[box].all()
    body = body_mask(crop)
    assert body.all()
    np.testing.assert_array_equal(lung_mask(crop, body, SPACING_MM), ~nodule[box])


def test_nothing_but_air_is_no_body():
    hu = np.full((5, 6, 7), -1000, np.float32)
    body = body_mask(hu)
    assert not body.any()
    assert not lung_mask(hu, body, SPACING_MM).any()
    assert not lung_outline(body, SPACING_MM).any()
