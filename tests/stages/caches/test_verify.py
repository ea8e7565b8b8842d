"""All folders of a cache are read, and progress counts megabytes."""

import json

import pytest

from mmfeat.cache import CacheFolder
from mmfeat.errors import CacheError
from mmfeat.stages.caches.verify import verify_caches

from ...cache.conftest import IDENTITY, make_rows


class Counted:
    """Add up what a stage tells."""

    def __init__(self):
        self.total = self.done = 0

    def start(self, task, total):
        self.total += total

    def advance(self, steps=1, note=""):
        self.done += steps


def test_every_folder_is_read_and_the_progress_is_complete(tmp_path):
    for modality in ("ct", "pet"):
        folder = CacheFolder.open(tmp_path, modality, IDENTITY)
        folder.commit(make_rows(1))
        folder.commit(make_rows(2))
    progress = Counted()
    report = verify_caches(tmp_path, progress)
    assert [folder.n_rows for folder in report.folders] == [2, 2]
    assert report.n_problems == 0
    assert progress.done == progress.total == 4


def test_problems_of_all_folders_are_counted(tmp_path):
    for modality in ("ct", "pet"):
        CacheFolder.open(tmp_path, modality, IDENTITY).commit(make_rows(1)).write_bytes(b"torn")
    report = verify_caches(tmp_path, Counted())
    assert report.n_problems == 2
    told = json.loads(json.dumps(report.to_json()))
    assert told["n_problems"] == 2
    assert "delete this file and run `mmfeat extract`" in told["folders"][0]["problems"][0]


def test_a_place_without_a_cache_is_refused(tmp_path):
    with pytest.raises(CacheError, match="no features in this folder"):
        verify_caches(tmp_path, Counted())
