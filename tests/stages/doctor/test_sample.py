"""A sample is spread over the cohort, and says what its scans are worth."""

from pathlib import Path

import pytest

from mmfeat.encoders.statistics.intensity_stats import IntensityStats
from mmfeat.manifest.cohort import ScanSource
from mmfeat.progress import Silent
from mmfeat.quality import Thresholds
from mmfeat.stages.doctor.sample import sample_findings, spread_sample, try_sample
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules

from ..extraction_cohort import write_scan


@pytest.fixture
def made():
    gate = QualityGate(Thresholds(fewest_slices=8, smallest_coverage_mm=1))
    return VolumeEncoder(IntensityStats(), ReadingRules(), gate)


@pytest.fixture
def scans(tmp_path):
    """Two scans of 16 slices, one of 6, which is rejected, and one that is none."""
    paths = [tmp_path / f"{name}.nii.gz" for name in ("short", "a", "b", "none")]
    for seed, (path, size) in enumerate(zip(paths, (6, 16, 16, 16), strict=True)):
        write_scan(path, seed, size)
    paths[3].write_bytes(b"no scan")
    return paths


def try_all(paths, made):
    sources = [ScanSource(path) for path in paths]
    return try_sample(sources, made, name="ct", progress=Silent())


def findings(sample, n_scans=100):
    return list(sample_findings("ct", sample, n_scans=n_scans))


def test_one_scan_is_drawn_from_each_part_of_the_cohort():
    paths = [Path(str(number)) for number in range(103)]
    drawn = [int(str(path)) for path in spread_sample(paths, 5)]
    assert [number * 5 // 103 for number in drawn] == [0, 1, 2, 3, 4]
    assert drawn == [int(str(path)) for path in spread_sample(paths, 5)]
    assert drawn != [int(str(path)) for path in spread_sample(paths, 5, seed=1)]


def test_a_short_list_is_taken_whole():
    paths = [Path("a"), Path("b")]
    assert spread_sample(paths, 5) == paths
    assert spread_sample([], 5) == []


def test_each_stage_has_its_seconds_bytes_and_memory(scans, made):
    (trial,) = try_all(scans[1:2], made).trials
    assert list(trial.stages) == ["read", "decode", "judge", "prepare"]
    assert trial.stages["read"].n_bytes == scans[1].stat().st_size
    assert trial.stages["decode"].n_bytes == 16**3 * 2
    assert trial.stages["prepare"].n_bytes == trial.prepared_bytes == 89 * 4
    assert all(cost.seconds > 0 for cost in trial.stages.values())
    assert trial.reading_s >= sum(cost.seconds for cost in trial.stages.values())
    assert trial.peak_bytes >= trial.stages["decode"].n_bytes


def test_windows_are_kept_of_the_first_scan_that_is_not_rejected(scans, made):
    sample = try_all(scans, made)
    assert [trial.outcome for trial in sample.trials] == ["reject", "pass", "pass", "unreadable"]
    assert [trial.windows is not None for trial in sample.trials] == [False, True, False, False]
    assert sample.kept is sample.trials[1]
    assert sample.typical == list(sample.trials[1:3])


def test_where_all_are_rejected_the_first_is_kept(scans, made):
    sample = try_all(scans[:1], made)
    assert sample.kept is sample.trials[0]
    assert sample.typical == [sample.kept]


def test_readable_scans_are_in_order(scans, made):
    (finding,) = findings(try_all(scans[1:3], made))
    assert finding.level == "ok"
    assert finding.message.startswith("2 of 100 scans tried, all readable, in ")
    assert finding.message.endswith("quality: pass 2")


def test_some_unreadable_and_rejected_ones_are_warnings_with_their_reasons(scans, made):
    unreadable, rejected = findings(try_all(scans, made), n_scans=4)
    assert unreadable.level == rejected.level == "warning"
    first, reason = unreadable.message.splitlines()
    assert first.startswith("all 4 scans tried, 1 unreadable, the others in ")
    assert reason.startswith(f"{scans[3]}: ")
    first, reason = rejected.message.splitlines()
    assert first == "1 of the 3 readable scans are rejected"
    assert reason.startswith(f"{scans[0]}: too-few-slices: 6 slices")


def test_none_readable_is_a_problem_that_shows_the_first_reasons(scans, made):
    sample = try_all([scans[3]] * 5, made)
    (finding,) = findings(sample)
    assert finding.level == "problem"
    assert finding.message.splitlines()[0] == "5 of 100 scans tried, none can be read"
    assert finding.message.splitlines()[-1] == "and 2 more"
    assert sample.kept is None
