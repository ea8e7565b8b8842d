"""Try a network on made-up windows before a scan is there."""

import numpy as np
import pytest

from mmfeat.encoders.networks.warm_up import warm_up
from mmfeat.errors import EncoderError


def _means(batch):
    return batch.reshape(len(batch), -1)[:, :4].astype(np.float32)


def _try(run, n_windows=2):
    warm_up(run, "net.pt2", window_shape=(1, 4, 4, 4), n_windows=n_windows)


@pytest.mark.parametrize("n_windows", [1, 2, 3])
def test_a_network_that_does_the_same_each_time_passes(n_windows):
    seen = []
    _try(lambda batch: _means(seen.append(batch.shape) or batch), n_windows)
    assert seen == [(n_windows, 1, 4, 4, 4)] * 2


def test_features_that_are_not_finite_are_refused():
    with pytest.raises(EncoderError, match=r"^net.pt2: its features of made-up values .* finite"):
        _try(lambda batch: _means(batch) * np.float32(np.inf))


def test_a_network_in_training_mode_is_refused():
    generator = np.random.default_rng(0)
    with pytest.raises(EncoderError, match="gives another feature each time, or one that hangs"):
        _try(lambda batch: _means(batch) * generator.random(4, np.float32), 1)


def test_statistics_of_the_batch_are_refused():
    with pytest.raises(EncoderError, match=r"export it in eval mode, or set `input.batch: 1`"):
        _try(lambda batch: _means(batch) - _means(batch).mean(axis=0))
