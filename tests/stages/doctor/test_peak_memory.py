"""The peak of a piece of work is seen, also below the peak of what came before."""

import numpy as np
import pytest

from mmfeat.stages.doctor.peak_memory import PeakMemory


def fill(megabytes: int) -> None:
    np.ones(megabytes * 1_000_000, np.uint8)


def test_a_smaller_peak_after_a_larger_one_is_seen():
    peak = PeakMemory()
    if not peak.can_be_put_back:
        pytest.skip("the kernel's mark cannot be put back here")
    fill(200)
    assert 190e6 < peak.growth_bytes() < 230e6
    peak.restart()
    assert peak.growth_bytes() < 20e6
    fill(50)
    assert 45e6 < peak.growth_bytes() < 80e6


def test_doing_nothing_needs_nothing():
    assert PeakMemory().growth_bytes() < 5e6
