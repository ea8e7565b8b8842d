"""A scan is settled once, when all of its windows are there, in whatever order they come."""

from pathlib import Path

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, RunningMark
from mmfeat.encoders.contract import DeviceUsage
from mmfeat.stages.extraction.commits import Commits
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import Scan
from mmfeat.stages.extraction.report import Tally
from mmfeat.stages.extraction.settling import Encoded, Settling, Watch
from mmfeat.stages.extraction.window_batches import window_batches
from mmfeat.stages.scan_tokens import TokenRule

from ..extraction_cohort import MeanEncoder


class Notes:
    """Keep what is shown on the screen."""

    def __init__(self):
        self.shown = []

    def start(self, task, total):
        pass

    def advance(self, steps=1, note=""):
        self.shown.append((steps, note))


@pytest.fixture
def work(tmp_path):
    """A function that settles batches of the given scans in a given order."""

    def settle(scans, batches, failures=(), tokens=None):
        identity = {"encoder": "mean"} | ({} if tokens is None else {"tokens": tokens.recipe})
        folder = CacheFolder.open(tmp_path / "cache", "ct", identity)
        notes, tally = Notes(), Tally()
        commits = Commits(folder, shard_cases=64, shard_seconds=1e6)
        with RunningMark(folder.path) as mark, commits:
            settling = Settling(
                [scan.job for scan in scans],
                MeanEncoder(),
                commits,
                tally=tally,
                watch=Watch(notes, lambda: False),
                mark=mark,
                tokens=tokens,
            )
            for number, batch in enumerate(batches):
                failure = "no memory" if number in failures else None
                features = batch.windows[:0] if failure else batch.windows
                usage = DeviceUsage(copy_s=0.5, copied_bytes=100, forward_s=2.0)
                settling.take(batch, Encoded(features, usage, failure))
        return folder, tally, notes.shown

    return settle


def _scan(case_id, n_windows, value):
    windows = np.full((n_windows, 1), value, np.float32) + np.arange(n_windows)[:, None]
    job = Job(Path(f"{case_id}.nii"), {case_id: frozenset()})
    return Scan(job, "s", case_id * 2, windows=windows, n_windows=n_windows)


def test_batches_may_come_in_any_order_and_a_scan_is_settled_with_its_last_one(work):
    scans = [_scan("a", 5, 10.0), _scan("b", 4, 100.0)]
    expected = [scan.windows.mean() for scan in scans]
    batches = list(window_batches(scans, 3))
    folder, tally, shown = work(scans, reversed(batches))
    features, found = folder.read([("a", "aa"), ("b", "bb")])
    assert found.all()
    np.testing.assert_allclose(features[:, 0], expected)
    assert (tally.n_scans, tally.n_extracted) == (2, 2)
    assert [steps for steps, _ in shown] == [1, 1]


def test_what_a_batch_took_is_shared_by_its_windows_and_adds_up(work):
    scans = [_scan("a", 5, 10.0), _scan("b", 4, 100.0)]
    batches = list(window_batches(scans, 6))
    _, tally, shown = work(scans, batches)
    assert len(batches) == 2
    assert tally.costs.seconds["forward"] == pytest.approx(4.0)
    assert tally.costs.seconds["copy"] == pytest.approx(1.0)
    assert scans[0].costs.seconds["forward"] == pytest.approx(2.0 * 5 / 6)
    assert "device" in shown[-1][1]


def test_a_batch_that_failed_fails_every_scan_in_it_once_and_no_other(work):
    scans = [_scan("a", 5, 10.0), _scan("b", 4, 100.0), _scan("c", 3, 7.0)]
    batches = list(window_batches(scans, 3))
    folder, tally, _ = work(scans, batches, failures=(1,))  # the end of a, the start of b
    assert tally.failures == {
        ("a", "a.nii"): "a.nii: no memory",
        ("b", "b.nii"): "b.nii: no memory",
    }
    assert set(folder.index()) == {"c"}
    assert folder.failures().keys() == tally.failures.keys()
    assert (tally.n_scans, tally.n_extracted) == (3, 1)


def test_tokens_are_the_features_of_a_scans_own_windows_whatever_batch_they_were_in(work):
    scans = [_scan("a", 5, 10.0), _scan("b", 2, 100.0)]
    features = {scan.sha256: scan.windows.copy() for scan in scans}
    rule = TokenRule(max_tokens=3, token_size=1)
    folder, tally, _ = work(scans, reversed(list(window_batches(scans, 3))), tokens=rule)
    found = folder.read_tokens([("b", "bb"), ("a", "aa")])
    assert found.counts.tolist() == [2, 3]
    np.testing.assert_array_equal(found.tokens[:2], features["bb"])
    np.testing.assert_array_equal(found.tokens[2:], rule.tokens_of(features["aa"]))
    assert tally.n_tokens == 5
    vectors, _ = folder.read([("a", "aa")])
    np.testing.assert_allclose(vectors[0], features["aa"].mean())


def test_a_scan_with_a_token_that_is_not_finite_fails_though_its_vector_may_be(work, monkeypatch):
    scans = [_scan("a", 3, 10.0), _scan("b", 3, 1.0)]
    scans[0].windows[1] = np.inf
    monkeypatch.setattr(MeanEncoder, "pool", lambda self, features: features.min(axis=0))
    folder, tally, _ = work(scans, list(window_batches(scans, 3)), tokens=TokenRule(3, 1))
    assert tally.failures == {("a", "a.nii"): "a.nii: the encoder's feature is NaN or infinite"}
    assert set(folder.index()) == {"b"}
