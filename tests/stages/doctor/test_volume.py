"""One scan goes through the network in the batches of an extraction."""

from pathlib import Path

import numpy as np
import pytest

from mmfeat.encoders.contract import DeviceUsage
from mmfeat.progress import Silent
from mmfeat.stages.doctor.trial import StageCost, Trial
from mmfeat.stages.doctor.volume import embed_trial

from ..extraction_cohort import MeanEncoder


class TimedEncoder(MeanEncoder):
    """Says that each batch took the network two seconds, and notes their sizes."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def encode(self, batch, usage=None):
        self.sizes.append(len(batch))
        usage = usage or DeviceUsage()
        usage.forward_s += 2.0
        return super().encode(batch)


def trial(n_windows: int, value: float = 1.0) -> Trial:
    windows = np.full((n_windows, 5, 5), value, np.float32)
    stages = {"prepare": StageCost(0.5, 0.4, windows.nbytes, 0)}
    return Trial(Path("a.nii"), stages, None, windows, n_windows, windows.nbytes)


def embed(made: Trial, encoder, batch_windows: int = 4):
    return embed_trial(
        made, encoder, device="cpu", batch_windows=batch_windows, load_s=0.1, progress=Silent()
    )


def test_batches_have_one_size_and_the_last_is_filled_up():
    encoder = TimedEncoder()
    account = embed(trial(6), encoder)
    assert encoder.sizes == [4, 4]
    assert account.computed_bytes == 2 * 4 * 25 * 4
    assert account.model_s_per_byte == pytest.approx(4.0 / 800)
    assert list(account.stages) == ["prepare", "forward"]
    assert account.stages["forward"].seconds == 4.0
    assert account.finite


def test_windows_are_taken_away_from_the_trial():
    made = trial(2)
    embed(made, TimedEncoder())
    assert made.windows is None
    with pytest.raises(ValueError, match=r"a\.nii has no windows"):
        embed(made, TimedEncoder())


def test_an_encoder_without_a_network_costs_the_device_nothing():
    account = embed(trial(3), MeanEncoder())
    assert account.model_s_per_byte == 0.0
    assert account.device_peak_bytes is None


def test_a_feature_that_is_not_finite_is_seen():
    assert not embed(trial(2, np.nan), TimedEncoder()).finite


def test_as_json_it_has_all_stages():
    shown = embed(trial(2), TimedEncoder()).to_json()
    assert shown["device"] == "cpu"
    assert shown["stages"]["prepare"]["seconds"] == 0.5
    assert shown["stages"]["forward"]["seconds"] == 2.0
