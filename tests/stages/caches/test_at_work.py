"""A folder with a living extraction is refused, and named with its process."""

import os

import pytest

from mmfeat.cache import RunningMark
from mmfeat.errors import CacheError
from mmfeat.stages.caches.at_work import refuse_while_at_work


def test_a_living_extraction_is_named_and_its_end_frees_the_folder(tmp_path):
    with (
        RunningMark(tmp_path),
        pytest.raises(CacheError, match=rf"at work here \(host .*, process {os.getpid()}\); wait"),
    ):
        refuse_while_at_work(tmp_path)
    refuse_while_at_work(tmp_path)


def test_a_folder_that_is_not_there_is_free(tmp_path):
    refuse_while_at_work(tmp_path / "nowhere")
