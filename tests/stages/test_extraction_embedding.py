"""Finished cases are stored whatever happens to the next one."""

import numpy as np
import pytest

from mmfeat.cache import CacheFolder
from mmfeat.config.modalities import ExtractSettings
from mmfeat.progress import Silent
from mmfeat.stages.extraction_embedding import Watch, embed_scans
from mmfeat.stages.extraction_plan import Job
from mmfeat.stages.extraction_report import Tally
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules, read_volume

from .extraction_cohort import MeanEncoder, write_scan


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
        settings=ExtractSettings(workers=1, **settings),
        watch=Watch(Silent(), should_stop),
        tally=tally,
    )
    return tally


class FailsOnThird(MeanEncoder):
    """Break down, as a GPU does, at the third case."""

    calls = 0

    def encode(self, batch):
        self.calls += 1
        if self.calls == 3:
            raise RuntimeError("CUDA error: device lost")
        return super().encode(batch)


@pytest.mark.parametrize("batch_windows", [1, 5, 16, 1000])
def test_a_feature_is_the_pooled_windows_whatever_the_batch(paths, folder, batch_windows):
    tally = _embed(paths, MeanEncoder(), folder, batch_windows=batch_windows)
    assert (tally.n_extracted, tally.n_scans, tally.failures) == (5, 5, {})
    features, found = folder.read({path.name: None for path in paths})
    assert found.all()
    expected = [[read_volume(path).hu.mean()] for path in paths]
    np.testing.assert_allclose(features, expected, rtol=1e-5)


def test_a_fault_of_the_encoder_is_raised_and_names_the_scan_and_finished_cases_are_kept(
    paths, folder
):
    with pytest.raises(RuntimeError, match="CUDA error") as caught:
        _embed(paths, FailsOnThird(), folder, shard_cases=64, batch_windows=16)
    assert any("while embedding" in note for note in caught.value.__notes__)
    assert len(folder.index()) == 2


def test_a_feature_that_is_not_finite_is_a_failure_of_its_case(paths, folder):
    class Nan(MeanEncoder):
        def pool(self, features):
            return features.mean(axis=0) / 0.0 if features.mean() < -600 else features.mean(axis=0)

    write_scan(paths[1], 1, size=8)  # little inside, much air
    with np.errstate(divide="ignore"):
        tally = _embed(paths, Nan(), folder)
    assert list(tally.failures) == ["1.nii.gz"]
    assert "NaN or infinite" in folder.failures()["1.nii.gz"]
    assert len(folder.index()) == 4


def test_a_stop_within_a_case_drops_that_case_and_keeps_the_others(paths, folder):
    class Counting(MeanEncoder):
        windows = 0

        def encode(self, batch):
            self.windows += len(batch)
            return super().encode(batch)

    encoder = Counting()
    tally = _embed(paths, encoder, folder, lambda: encoder.windows > 40, batch_windows=4)
    assert tally.n_scans == len(folder.index()) == 2


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
