"""Which scans are in a share of an extraction."""

from functools import cache

import pytest

from mmfeat.manifest.cohort import CaseScan
from mmfeat.stages.extraction.plan import Plan
from mmfeat.stages.extraction.sharding import plan_of_shard, scans_of_shard
from mmfeat.stages.scan_content import current_stat
from mmfeat.work_shard import WorkShard


@pytest.fixture
def scans(tmp_path):
    """Six files of different sizes, as scans of one case each."""
    made = []
    for number in range(6):
        path = tmp_path / f"{number}.nii"
        path.write_bytes(b"x" * (100 - number))
        made.append(CaseScan(path))
    return made


def _names(index, count, sources, folder):
    stat_of = cache(current_stat)
    shard = WorkShard(index, count)
    ours = scans_of_shard(shard, sources, folder=folder, stat_of=stat_of)
    return sorted(path.name for path in ours)


def test_scans_are_dealt_out_by_size(scans, tmp_path):
    sources = [(scan,) for scan in scans]
    assert _names(0, 3, sources, tmp_path) == ["0.nii", "5.nii"]
    assert _names(2, 3, sources, tmp_path) == ["2.nii", "3.nii"]


def test_a_scan_of_several_cases_is_in_one_shard(scans, tmp_path):
    sources = [(scans[0],), (scans[0], scans[1]), (scans[1],)]
    assert [_names(index, 2, sources, tmp_path) for index in (0, 1)] == [["0.nii"], ["1.nii"]]


def test_one_file_by_two_names_is_in_a_shard_by_both(scans, tmp_path):
    other = CaseScan(tmp_path / "x" / ".." / "0.nii")
    (tmp_path / "x").mkdir()
    ours = scans_of_shard(
        WorkShard(0, 2), [(scans[0], other)], folder=tmp_path, stat_of=current_stat
    )
    assert ours == {scans[0].path, other.path}


def test_folders_are_dealt_out_by_the_number_of_their_files_which_are_not_looked_at(tmp_path):
    sources = []
    for number in range(4):
        folder = tmp_path / f"series{number}"
        folder.mkdir()
        for file in range(number + 1):
            (folder / f"{file}.dcm").touch()
        (folder / ".DS_Store").touch()
        sources.append((CaseScan(folder),))

    def looked_at(path):
        pytest.fail(f"looked at {path}")

    ours = scans_of_shard(WorkShard(0, 2), sources, folder=tmp_path, stat_of=looked_at)
    assert sorted(path.name for path in ours) == ["series0", "series3"]


def test_a_scan_that_is_gone_is_in_a_shard_too(scans, tmp_path):
    scans[0].path.unlink()
    sources = [(scan,) for scan in scans]
    both = [_names(index, 2, sources, tmp_path) for index in (0, 1)]
    assert sorted(both[0] + both[1]) == [f"{number}.nii" for number in range(6)]


def test_a_project_in_another_folder_is_cut_the_same(scans, tmp_path):
    moved = tmp_path / "elsewhere" / "deep"
    moved.mkdir(parents=True)
    for scan in scans:
        (moved / scan.path.name).write_bytes(b"x")
        scan.path.write_bytes(b"y")
    here = _names(0, 4, [(scan,) for scan in scans], tmp_path)
    there = _names(0, 4, [(CaseScan(moved / scan.path.name),) for scan in scans], moved)
    assert here == there


def test_a_plan_of_no_scans_has_no_cases(scans):
    plan = Plan([], ["without"], [("a", scans[0])], {("b", scans[1]): "bad"}, {})
    empty = plan_of_shard(plan, frozenset())
    assert empty == Plan([], [], [], {}, {})
    assert plan_of_shard(plan, frozenset([scans[1].path])).failed_before == plan.failed_before
