"""The histogram of a volume is numpy's, with its ends counted apart."""

import numpy as np
import pytest

from mmfeat.quality.histogram import Histogram, edges_hu


def test_shares_are_those_of_numpy(volume_of, body_hu):
    body_hu[0, 0, :6] = -3024
    body_hu[0, 1, :12] = 3071
    found = Histogram.of(volume_of(body_hu))
    counts, _ = np.histogram(body_hu, edges_hu())
    assert found.shares == pytest.approx(counts / body_hu.size)
    assert found.below_share == pytest.approx(6 / body_hu.size)
    assert found.above_share == pytest.approx(12 / body_hu.size)


def test_a_whole_number_on_an_edge_begins_a_bin(volume_of):
    found = Histogram.of(volume_of(np.full((2, 2, 2), 0, np.int16)))
    assert found.shares.index(1.0) == 50  # 1250 / 25


def test_heights_are_roots_up_to_one():
    shares = (0.04, 0.64) + (0.0,) * 118
    assert Histogram(shares, 0.1, 0.22).heights()[:3].tolist() == pytest.approx([0.25, 1.0, 0.0])
    assert not Histogram((0.0,) * 120, 0.5, 0.5).heights().any()
