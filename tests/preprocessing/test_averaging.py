import dataclasses
import tracemalloc

import numpy as np
import pytest
import torch

from mmfeat.preprocessing.averaging import average_towards
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import Volume

from .orientations import stored_as


def test_blocks_are_those_of_torchs_pooling_and_lie_about_their_middle(make_volume):
    volume = make_volume((17, 22, 25), (1.0, 0.8, 0.5))
    averaged = average_towards(volume, (3.2, 2.0, 2.0))
    factors = (3, 2, 4)
    theirs = torch.nn.functional.avg_pool3d(torch.from_numpy(volume.hu)[None].double(), factors)
    assert averaged.hu.dtype == np.float32
    np.testing.assert_allclose(averaged.hu, theirs[0].numpy(), atol=1e-3)
    np.testing.assert_allclose(averaged.spacing_mm, np.multiply(factors, volume.spacing_mm))
    middle = [(factor - 1) / 2 for factor in factors]
    np.testing.assert_allclose(averaged.affine @ [0, 0, 0, 1], volume.affine @ [*middle, 1])


@pytest.mark.parametrize("axes", ["SPL", "LPS", "IAR", "PSR", "ARI"])
def test_blocks_begin_at_the_first_voxel_however_the_volume_lies_in_memory(make_volume, axes):
    volume = make_volume((17, 22, 25), (1.0, 0.8, 0.5))
    both = reorient(volume, axes), stored_as(volume, axes)
    ours, expected = (average_towards(one, (2.0, 2.0, 2.0)) for one in both)
    np.testing.assert_allclose(ours.hu, expected.hu, atol=1e-3)
    np.testing.assert_array_equal(ours.affine, expected.affine)


def test_sums_beyond_int16_do_not_wrap():
    hu = np.full((4, 4, 4), 30_000, np.int16)
    averaged = average_towards(Volume(hu, np.eye(4)), (4.0, 4.0, 4.0))
    assert averaged.hu.tolist() == [[[30_000.0]]]


def test_int16_gives_the_numbers_of_float32(volume):
    as_float = dataclasses.replace(volume, hu=volume.hu.astype(np.float32))
    ours, theirs = (average_towards(one, (6.0, 2.0, 3.0)) for one in (volume, as_float))
    np.testing.assert_array_equal(ours.hu, theirs.hu)


def test_a_volume_that_is_as_coarse_already_is_returned_as_it_is(make_volume):
    volume = make_volume((5, 6, 7), (5.0, 1.0, 1.0))
    assert average_towards(volume, (5.0, 1.5, 1.9)) is volume


def test_rounding_of_a_header_does_not_lose_a_voxel_of_a_block(make_volume):
    volume = make_volume((5, 6, 8), (1.0, 1.0, 0.5000002))
    assert average_towards(volume, (1.0, 1.0, 1.0)).hu.shape == (5, 6, 4)


def test_a_block_is_never_longer_than_the_volume(make_volume):
    volume = make_volume((2, 3, 4), (1.0, 1.0, 1.0))
    averaged = average_towards(volume, (50.0, 50.0, 50.0))
    np.testing.assert_allclose(averaged.hu.item(), volume.hu.mean(), rtol=1e-5)


def test_no_copy_of_the_whole_in_floats_is_made(make_volume):
    volume = make_volume((64, 64, 64), (1.0, 1.0, 1.0))
    tracemalloc.start()
    average_towards(volume, (4.0, 4.0, 4.0))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < volume.hu.nbytes / 2
