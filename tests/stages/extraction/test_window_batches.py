"""Windows of many scans become batches of one size, and none is lost or mixed up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import Scan
from mmfeat.stages.extraction.window_batches import window_batches


def _scan(number, n_windows, width=2):
    windows = (
        np.arange(n_windows * width, dtype=np.float32).reshape(n_windows, width) + 100 * number
    )
    return Scan(Job(f"{number}", {}), "", windows=windows + 1, n_windows=n_windows)


@given(st.lists(st.integers(1, 20), max_size=8), st.integers(1, 9))
def test_every_window_is_in_one_batch_and_all_batches_have_one_size(counts, size):
    scans = [_scan(number, n) for number, n in enumerate(counts)]
    expected = {id(scan): scan.windows.copy() for scan in scans}
    found = {id(scan): np.zeros_like(scan.windows) for scan in scans}
    batches = list(window_batches(scans, size))
    assert len(batches) == -(-sum(counts) // size)
    for batch in batches:
        assert batch.windows.shape == (size, 2)
        row = 0
        for part in batch.parts:
            rows = batch.windows[row : row + part.n_windows]
            found[id(part.scan)][part.start : part.start + part.n_windows] = rows
            row += part.n_windows
        assert not batch.windows[row:].any()
    for scan in scans:
        np.testing.assert_array_equal(found[id(scan)], expected[id(scan)])


def test_a_batch_that_is_all_of_one_scan_is_not_copied():
    scan = _scan(0, 8)
    windows = scan.windows
    first, second = window_batches([scan], 4)
    assert np.shares_memory(first.windows, windows)
    assert np.shares_memory(second.windows, windows)


def test_scans_are_given_up_when_they_are_cut_so_that_their_memory_can_go():
    scan = _scan(0, 3)
    list(window_batches([scan], 4))
    assert scan.windows is None
    assert scan.n_windows == 3


def test_windows_of_another_shape_begin_another_batch():
    scans = [_scan(0, 3), _scan(1, 2, width=5), _scan(2, 3, width=5)]
    batches = list(window_batches(scans, 4))
    assert [batch.windows.shape for batch in batches] == [(4, 2), (4, 5), (4, 5)]
    assert [[part.scan for part in batch.parts] for batch in batches] == [
        [scans[0]],
        [scans[1], scans[2]],
        [scans[2]],
    ]


def test_a_full_batch_is_handed_on_before_the_next_scan_is_asked_for():
    asked = []

    def scans():
        for number in range(3):
            asked.append(number)
            yield _scan(number, 2)

    next(window_batches(scans(), 2))
    assert asked == [0]


def test_a_scan_without_windows_is_a_mistake():
    with pytest.raises(ValueError, match=r"gone\.nii has no windows"):
        list(window_batches([Scan(Job("gone.nii", {}), "")], 2))
