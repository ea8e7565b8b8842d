"""The space for a cache follows from its cases, and is compared with what is free."""

from pathlib import Path

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.stages.doctor.disk import Place
from mmfeat.stages.doctor.space import (
    SpaceNeeded,
    cache_space,
    cache_space_finding,
    run_space_finding,
)


def place(free_bytes: float, free_files: int | None = None, kind: str = "ext4") -> Place:
    return Place(Path("/data"), kind, int(free_bytes), free_files)


def test_new_cases_are_there_twice_and_old_ones_once_while_shards_become_one():
    needed = cache_space(1000, 500, row_bytes=1200 + 4 * 512, shard_cases=64)
    row = 4 * 512 + 1200
    assert needed.n_bytes == 1000 * (row + 800) + 1500 * row
    assert needed.n_files == 16 + 20


def test_a_real_cache_stays_below_the_estimate(tmp_path):
    folder = CacheFolder.open(tmp_path, "ct", {"encoder": "any"})
    quality = '{"fact": "' + "x" * 800 + '"}'
    costs = {stage: {"seconds": 0.123456, "bytes": 123456} for stage in ("read", "decode", "judge")}
    for shard in range(4):
        folder.commit(
            [
                FeatureRow(
                    f"{shard}-{n}", "ab" * 32, "1 a", np.ones(256, np.float32), quality, costs
                )
                for n in range(64)
            ]
        )
    written = sum(file.stat().st_size for file in folder.path.iterdir())
    folder.compact()
    at_the_end = sum(file.stat().st_size for file in folder.path.iterdir())
    estimate = cache_space(256, 0, row_bytes=1200 + 4 * 256, shard_cases=64).n_bytes
    assert 0.6 * estimate < written + at_the_end < estimate


@pytest.mark.parametrize(("free", "level"), [(500e6, "problem"), (1.5e9, "warning"), (3e9, "ok")])
def test_too_little_is_a_problem_and_just_enough_a_warning(free, level):
    both = [SpaceNeeded(400_000_000, 10), SpaceNeeded(600_000_000, 10)]
    finding = cache_space_finding(place(free), both)
    assert finding.level == level
    assert "1.0 GB in 20 files are needed" in finding.message
    assert bool(finding.fix) == (level != "ok")


def test_a_disk_without_room_for_more_files_is_a_problem():
    finding = cache_space_finding(place(1e12, free_files=15), [SpaceNeeded(1000, 20)])
    assert finding.level == "problem"
    assert "and 15 files free" in finding.message


def test_on_a_network_quotas_are_hinted_at():
    needed = [SpaceNeeded(1000, 1)]
    assert "quota -s" in cache_space_finding(place(1e12, kind="nfs4"), needed).message
    assert "quota" not in cache_space_finding(place(1e12), needed).message


def test_little_room_for_the_run_is_a_warning():
    assert run_space_finding(place(5e8)).level == "warning"
    assert run_space_finding(place(5e9)).level == "ok"
