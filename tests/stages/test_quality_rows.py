"""Each scan of a case has the verdict on what was measured of it, and of no other."""

import numpy as np
import pytest

from mmfeat.cache import Failure, StoredRow
from mmfeat.manifest.cohort import ScanSource
from mmfeat.quality import Thresholds
from mmfeat.stages.quality_gate import QualityGate, measured_quality
from mmfeat.stages.quality_rows import quality_rows
from mmfeat.stages.scan_content import current_stat
from mmfeat.volumes import Volume

GATE = QualityGate(Thresholds(severities={"few-slices": "reject"}))


def _quality(n_slices):
    hu = np.full((n_slices, 40, 40), -1000, np.int16)
    hu[:, 8:32, 8:32] = np.random.default_rng(0).integers(20, 60, (n_slices, 24, 24))
    return measured_quality(Volume(hu, np.diag([5.0, 5.0, 5.0, 1.0])[[2, 1, 0, 3]]))


def _row(path, n_slices):
    return StoredRow("a", path.name, current_stat(path), _quality(n_slices), "shard.h5", 0)


@pytest.fixture
def paths(tmp_path):
    made = [tmp_path / name for name in ("short", "long", "torn", "to come")]
    for path in made:
        path.write_bytes(path.name.encode())
    return made


def test_each_scan_has_its_own_row(paths):
    short, long, torn, _ = paths
    failure = Failure("a", str(torn), "torn file", current_stat(torn), "then")
    index = {"a": [_row(long, 20), _row(short, 10)]}
    scans = [("a", [ScanSource(path) for path in paths])]
    rows = quality_rows("ct", scans, GATE, index=index, failed={failure.key: failure})
    found = [(row.source, row.facts and row.facts.n_slices, row.reason) for row in rows]
    assert found == [(str(short), 10, ""), (str(long), 20, ""), (str(torn), None, "torn file")]


def test_the_last_feature_of_a_case_with_one_scan_counts_even_when_the_file_is_touched(paths):
    old, new = _row(paths[0], 10), _row(paths[1], 20)
    scans = [("a", [ScanSource(paths[2])])]
    (row,) = quality_rows("ct", scans, GATE, index={"a": [old, new]}, failed={})
    assert row.verdict.outcome != "reject"
    assert row.facts.n_slices == 20


def test_cases_without_scans_or_features_have_no_row(paths):
    scans = [("none", []), ("a", [ScanSource(paths[0])])]
    assert list(quality_rows("ct", scans, GATE, index={}, failed={})) == []
