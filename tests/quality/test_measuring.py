"""What is measured of a body in air, against what it was made of."""

import tracemalloc

import numpy as np
import pytest

from mmfeat.quality import measure
from mmfeat.volumes import ReadingNote, Volume

BODY_SHARE = (60 * 80) / (100 * 120)


def test_a_body_in_air_is_measured_as_it_was_made(volume_of, body_hu):
    facts = measure(volume_of(body_hu))
    assert facts.shape == (30, 100, 120)
    assert facts.spacing_mm == pytest.approx((5.0, 2.0, 2.0))
    assert (facts.orientation, facts.oblique_deg) == ("SPL", 0.0)
    assert (facts.n_slices, facts.slice_spacing_mm, facts.pixel_mm) == pytest.approx((30, 5, 2))
    lengths_mm = (facts.coverage_si_mm, facts.coverage_ap_mm, facts.coverage_lr_mm)
    assert lengths_mm == pytest.approx((150.0, 200.0, 240.0))
    assert facts.air_hu == pytest.approx(-1000, abs=5)
    assert facts.soft_tissue_hu == pytest.approx(50, abs=5)
    assert facts.noise_hu == pytest.approx(10, rel=0.1)
    assert facts.body_share == pytest.approx(BODY_SHARE)
    assert (facts.padding_share, facts.metal_share, facts.cut_outline_share) == (0, 0, 0)
    assert not facts.is_crop
    assert facts.hu_doubt is None


def test_values_are_those_of_numpy(volume_of, body_hu):
    facts = measure(volume_of(body_hu))
    assert (facts.minimum_hu, facts.maximum_hu) == (body_hu.min(), body_hu.max())
    assert facts.share_at_minimum == pytest.approx((body_hu == body_hu.min()).mean())
    assert facts.share_at_maximum == pytest.approx((body_hu == body_hu.max()).mean())
    assert facts.n_levels == len(np.unique(body_hu))
    for at, value in facts.percentiles_hu.items():
        assert value == np.percentile(body_hu, float(at), method="nearest")


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("flipped", [(), (0,), (1, 2)])
def test_the_order_of_axes_in_the_file_changes_nothing_but_their_names(
    volume_of, body_hu, axes, flipped
):
    straight = volume_of(body_hu)
    affine = straight.affine.copy()
    affine[:3, :3] = straight.affine[:3, :3][:, axes]
    hu = body_hu.transpose(axes)
    for axis in flipped:
        affine[:3, axis] *= -1
        hu = np.flip(hu, axis)
    turned, expected = measure(Volume(hu, affine)).to_json(), measure(straight).to_json()
    for name in ("shape", "spacing_mm", "orientation"):
        del turned[name], expected[name]
    assert turned == expected


def test_whole_numbers_and_floats_measure_the_same(volume_of, body_hu):
    assert measure(volume_of(body_hu.astype(np.float32))) == measure(volume_of(body_hu))


def test_metal_is_counted_in_every_voxel(volume_of):
    hu = np.full((200, 150, 150), -1000, np.int16)
    hu[:, 30:120, 30:120] = 40
    hu[101, 71, 71:74] = 3071  # between the voxels of the sample
    hu[101, 71, 74] = 3000
    assert measure(volume_of(hu, (1.0, 1.0, 1.0))).metal_share == 3 / hu.size


def test_padding_is_measured_and_is_no_air(volume_of, body_hu):
    body_hu[:, :10] = -3024
    facts = measure(volume_of(body_hu))
    assert facts.padding_share == pytest.approx(0.1)
    assert facts.air_hu == pytest.approx(-1000, abs=5)


def test_values_that_reading_refuses_are_doubted_in_its_words(volume_of, body_hu):
    facts = measure(volume_of(body_hu + np.int16(1100)))
    assert facts.hu_doubt is not None
    assert facts.hu_doubt.startswith("values 5")
    assert "rescale intercept (mostly -1024) was not applied" in facts.hu_doubt


def test_of_the_header_only_what_is_known_to_name_nobody_is_kept(volume_of, body_hu):
    header = {"manufacturer": "A", "kernel": "B30f", "series_uid": "1.2.3", "patient": "Nemo"}
    notes = (ReadingNote("gaps-filled", "1 slice"),)
    facts = measure(volume_of(body_hu, header=header, notes=notes))
    assert facts.header == {"manufacturer": "A", "kernel": "B30f"}
    assert facts.notes == notes


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 3, 40), (1, 1, 1)])
@pytest.mark.parametrize("value", [0, -1000, -3024])
def test_the_smallest_volumes_can_be_measured(volume_of, shape, value):
    facts = measure(volume_of(np.full(shape, value, np.int16)))
    assert facts.minimum_hu == facts.maximum_hu == value
    assert facts.noise_hu is None


def test_the_volume_is_left_as_it_is(volume_of, body_hu):
    before = body_hu.copy()
    measure(volume_of(body_hu))
    np.testing.assert_array_equal(body_hu, before)


def test_a_whole_chest_is_not_copied(volume_of, body_hu):
    tile = np.tile(body_hu[0], (5, 4))[:480, :480]
    hu = np.broadcast_to(tile, (400, 480, 480))  # 184 MB, were it not the same slice throughout
    tracemalloc.start()
    measure(volume_of(hu, (1.0, 0.7, 0.7)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 0.4 * hu.size * hu.itemsize
