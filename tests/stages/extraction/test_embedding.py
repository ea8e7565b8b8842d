"""Finished cases are stored whatever happens to the next one."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from mmfeat.cache import CacheFolder, running_marks
from mmfeat.config.modalities import ExtractSettings
from mmfeat.encoders.networks.network import FrozenNetwork
from mmfeat.errors import DeviceMemoryError
from mmfeat.progress import Silent
from mmfeat.stages.extraction.embedding import batch_size, embed_scans
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.report import Tally
from mmfeat.stages.extraction.settling import Watch
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules, read_volume

from ..extraction_cohort import MeanEncoder, write_scan


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / "scans" / f"{number}.nii.gz" for number in range(5)]
    for number, path in enumerate(paths):
        write_scan(path, number)
    return paths


@pytest.fixture
def folder(tmp_path):
    return CacheFolder.open(tmp_path / "cache", "ct", {"encoder": "mean"})


def _embed(paths, encoder, folder, should_stop=lambda: False, **settings):
    tally = Tally()
    embed_scans(
        [Job(path, {path.name: frozenset()}) for path in paths],
        VolumeEncoder(encoder, ReadingRules()),
        folder,
        settings=ExtractSettings(**{"workers": 1, **settings}),
        watch=Watch(Silent(), should_stop),
        tally=tally,
    )
    return tally


def _features(folder, paths):
    index = folder.index()
    wanted = [(path.name, index[path.name][0].source_sha256) for path in paths]
    features, found = folder.read(wanted)
    assert found.all()
    return features


@pytest.mark.parametrize("batch_windows", [1, 5, 16, 1000])
def test_a_feature_is_the_pooled_windows_whatever_the_batch(paths, folder, batch_windows):
    tally = _embed(paths, MeanEncoder(), folder, batch_windows=batch_windows)
    assert (tally.n_extracted, tally.n_scans, tally.failures) == (5, 5, {})
    assert tally.batch_windows == batch_windows
    expected = [[read_volume(path).hu.mean()] for path in paths]
    np.testing.assert_allclose(_features(folder, paths), expected, rtol=1e-5)


def test_windows_of_several_scans_share_batches_of_one_size(paths, folder):
    class Counting(MeanEncoder):
        sizes = ()

        def encode(self, batch, usage=None):
            self.sizes += (len(batch),)
            return super().encode(batch, usage)

    encoder = Counting()
    _embed(paths, encoder, folder, batch_windows=12)
    assert encoder.sizes == (12,) * 7  # 5 scans of 16 windows: 80


class Convolution(MeanEncoder):
    """A real network, whose arithmetic depends on the size of its batch."""

    name = "convolution"
    embedding_size = 33

    def __init__(self):
        torch.manual_seed(0)
        layers = (nn.Conv2d(1, 24, 3, padding=1), nn.ReLU(), nn.Conv2d(24, 33, 3), nn.Flatten(2))
        self.network = FrozenNetwork(nn.Sequential(*layers), "cpu")

    def prepare(self, volume):
        return np.ascontiguousarray(volume.hu[:, None] / 1000, np.float32)

    def encode(self, batch, usage=None):
        return self.network(batch, usage).mean(axis=2)


def test_features_are_the_same_bits_whatever_was_left_to_do_and_however_many_threads_read(
    paths, folder, tmp_path
):
    _embed(paths, Convolution(), folder, batch_windows=7, workers=4)
    again = CacheFolder.open(tmp_path / "again", "ct", {"encoder": "mean"})
    for path in reversed(paths):  # one by one, so that each batch is filled up by other windows
        _embed([path], Convolution(), again, batch_windows=7)
    np.testing.assert_array_equal(_features(again, paths), _features(folder, paths))
    other = CacheFolder.open(tmp_path / "other", "ct", {"encoder": "mean"})
    _embed(paths, Convolution(), other, batch_windows=16)
    np.testing.assert_allclose(_features(other, paths), _features(folder, paths), rtol=1e-5)


def test_windows_that_share_no_batch_go_one_by_one_whatever_the_settings(paths, folder):
    class Alone(MeanEncoder):
        windows_alone = True

        def encode(self, batch, usage=None):
            assert len(batch) == 1
            return super().encode(batch, usage)

    assert batch_size(Alone(), ExtractSettings(batch_windows=8)) == 1
    assert _embed(paths, Alone(), folder, batch_windows=8).n_extracted == 5


def test_the_usual_batch_is_the_encoders():
    assert batch_size(MeanEncoder(), ExtractSettings()) == MeanEncoder.usual_batch
    assert batch_size(MeanEncoder(), ExtractSettings(batch_windows=3)) == 3


class FailsOnThird(MeanEncoder):
    """Break down, as a GPU does, at the third batch."""

    calls = 0

    def encode(self, batch, usage=None):
        self.calls += 1
        if self.calls == 3:
            raise RuntimeError("CUDA error: device lost")
        return super().encode(batch, usage)


def test_a_fault_of_the_encoder_is_raised_and_names_the_scans_and_finished_cases_are_kept(
    paths, folder
):
    with pytest.raises(RuntimeError, match="CUDA error") as caught:
        _embed(paths, FailsOnThird(), folder, shard_cases=64, batch_windows=16)
    assert any("while embedding" in note for note in caught.value.__notes__)
    assert len(folder.index()) in (1, 2)  # the second may not have been asked for its result


def test_a_scan_that_is_too_much_for_the_device_fails_and_the_others_go_on(paths, folder):
    class Small(MeanEncoder):
        windows_alone = True

        def encode(self, batch, usage=None):
            if batch.min() < -1500:
                raise DeviceMemoryError("the memory of cuda:0 is too small")
            return super().encode(batch, usage)

        def prepare(self, volume):
            windows = np.array(volume.hu, np.float32)
            if volume.hu.shape[0] == 8:
                windows[[2, 5]] = -2000
            return windows

    write_scan(paths[1], 1, size=8)
    tally = _embed(paths, Small(), folder)
    ((case_id, path),) = tally.failures
    assert (case_id, path) == (paths[1].name, str(paths[1]))
    assert tally.failures[case_id, path] == f"{path}: the memory of cuda:0 is too small"
    assert (tally.n_scans, tally.n_extracted) == (5, 4)


def test_a_feature_that_is_not_finite_is_a_failure_of_its_case(paths, folder):
    class Nan(MeanEncoder):
        def pool(self, features):
            return features.mean(axis=0) / 0.0 if features.mean() < -600 else features.mean(axis=0)

    write_scan(paths[1], 1, size=8)  # little inside, much air
    with np.errstate(divide="ignore"):
        tally = _embed(paths, Nan(), folder)
    assert list(tally.failures) == [("1.nii.gz", str(paths[1]))]
    assert "NaN or infinite" in tally.failures["1.nii.gz", str(paths[1])]
    assert len(folder.index()) == 4
    assert not tally.rejected


def test_a_stop_drops_what_is_in_flight_and_keeps_what_is_finished(paths, folder):
    class Counting(MeanEncoder):
        windows = 0
        lock = threading.Lock()

        def encode(self, batch, usage=None):
            with self.lock:
                self.windows += len(batch)
            return super().encode(batch, usage)

    encoder = Counting()
    tally = _embed(paths, encoder, folder, lambda: encoder.windows > 40, batch_windows=4)
    assert tally.n_scans == len(folder.index())
    assert tally.n_scans in (1, 2)


def test_a_stop_asked_for_before_the_start_loads_nothing(paths, folder):
    class Heavy(MeanEncoder):
        def load(self):
            raise RuntimeError("must not be loaded")

    assert _embed(paths, Heavy(), folder, lambda: True).n_scans == 0


def test_shards_are_committed_every_so_many_cases(paths, folder):
    _embed(paths, MeanEncoder(), folder, shard_cases=2)
    assert len(list(folder.path.glob("shard-*.h5"))) == 3


def test_shards_are_committed_every_so_often(paths, folder):
    _embed(paths, MeanEncoder(), folder, shard_cases=64, shard_seconds=1e-6)
    assert len(list(folder.path.glob("shard-*.h5"))) == 5


def test_the_folder_is_marked_as_running_meanwhile_with_the_cases_in_flight(paths, folder):
    seen = []

    class Watching(MeanEncoder):
        def pool(self, features):
            seen.extend(running_marks(folder.path))
            return super().pool(features)

    _embed(paths, Watching(), folder)
    assert seen
    assert running_marks(folder.path) == []


def test_seconds_and_bytes_are_counted_by_stage(paths, folder):
    tally = _embed(paths, Convolution(), folder, batch_windows=16)
    assert set(tally.costs.seconds) == {
        "read", "decode", "judge", "prepare", "copy", "forward", "write"
    }  # fmt: skip
    assert all(seconds > 0 for name, seconds in tally.costs.seconds.items() if name != "copy")
    voxels = 5 * 16**3
    assert tally.costs.bytes["read"] == sum(path.stat().st_size for path in paths)
    assert tally.costs.bytes["decode"] == voxels * 2  # int16
    assert tally.costs.bytes["prepare"] == tally.costs.bytes["forward"] == voxels * 4
    assert tally.costs.bytes["copy"] == 0  # the CPU has the windows already
    shards = folder.path.glob("shard-*.h5")
    assert tally.costs.bytes["write"] == sum(shard.stat().st_size for shard in shards)
    assert tally.phases_s["embed"] > tally.costs.seconds["forward"]
