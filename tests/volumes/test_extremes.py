import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import Volume
from mmfeat.volumes.extremes import finite_extremes

WHERE = Path("scan.nii.gz")


@given(arrays(np.int16, array_shapes(min_dims=3, max_dims=3), elements=st.integers(-9999, 9999)))
def test_the_extremes_are_those_of_all_voxels(hu: NDArray[np.int16]) -> None:
    assert finite_extremes(WHERE, Volume(hu, np.eye(4))) == (hu.min(), hu.max())


@pytest.mark.parametrize("shape", [(1, 1, 3_000_000), (3_000_000, 1, 1), (7, 600, 700)])
def test_the_extremes_are_found_wherever_they_are_without_a_copy(
    shape: tuple[int, int, int],
) -> None:
    hu = np.zeros(shape, np.float32)
    hu[-1, -1, -1], hu[0, 0, 0] = -1000.5, 3000.25
    tracemalloc.start()
    assert finite_extremes(WHERE, Volume(hu, np.eye(4))) == (-1000.5, 3000.25)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 200_000


def test_voxels_without_a_value_are_counted() -> None:
    hu = np.zeros((4, 5, 6), np.float32)
    hu[0, 0, :3] = [np.nan, np.inf, -np.inf]
    with pytest.raises(VolumeError, match="3 voxels are NaN or infinite"):
        finite_extremes(WHERE, Volume(hu, np.eye(4)))
