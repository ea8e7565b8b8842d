"""A scan that changed since it was embedded is noticed and redone; one that only moved is not."""

import json
import os
import shutil

import pytest

from ..stages.extraction_cohort import write_scan
from .caches import cache_folder, contents

REPLACED_WHILE_READ = """
import os
from mmfeat.stages import scan_content
real = scan_content.read_volume

def read_volume(path, *arguments):
    volume = real(path, *arguments)
    if path.name == {name!r}:
        os.replace({new!r}, path)
    return volume

scan_content.read_volume = read_volume
"""


def _extract(host, cohort, *, before="", code=0):
    ended = host.run("extract", "--json", folder=cohort.folder, before=before)
    assert ended.code == code, ended.err
    (report,) = json.loads(ended.out)["modalities"]
    return report


@pytest.fixture
def scan(host, cohort):
    """The scan of a case, embedded."""
    assert _extract(host, cohort)["n_extracted"] == 12
    return cohort.folder / cohort.scans["case-003"]


def _features(cohort, case_id="case-003"):
    found = contents(cache_folder(cohort.folder))
    return {feature for (case, _), feature in found.items() if case == case_id}


def _redone(host, cohort):
    """Extract again; the changed scan is embedded, and nothing else."""
    before = _features(cohort)
    report = _extract(host, cohort)
    assert (report["n_extracted"], report["n_changed"], report["n_done_before"]) == (1, 1, 11)
    assert len(_features(cohort) - before) == 1
    assert _extract(host, cohort)["n_scans"] == 0


def test_another_size_is_noticed(host, cohort, scan):
    times = scan.stat().st_mtime_ns
    write_scan(scan, 999, size=18)
    os.utime(scan, ns=(times, times))
    _redone(host, cohort)


def test_the_same_size_at_another_time_is_noticed(host, cohort, scan):
    uncompressed = cohort.folder / "scans" / "003.nii"
    cohort.scans["case-003"] = "scans/003.nii"
    write_scan(uncompressed, 3)
    cohort.write()
    _extract(host, cohort)
    size = uncompressed.stat().st_size
    write_scan(uncompressed, 999)
    assert uncompressed.stat().st_size == size
    os.utime(uncompressed, (1, 1))
    report = _extract(host, cohort)
    assert (report["n_extracted"], report["n_changed"]) == (1, 1)


def test_the_same_size_and_time_with_other_content_is_the_limit_that_the_manual_states(
    host, cohort, scan
):
    uncompressed = cohort.folder / "scans" / "003.nii"
    cohort.scans["case-003"] = "scans/003.nii"
    write_scan(uncompressed, 3)
    cohort.write()
    _extract(host, cohort)
    times = uncompressed.stat().st_mtime_ns
    write_scan(uncompressed, 999)
    os.utime(uncompressed, ns=(times, times))
    assert _extract(host, cohort)["n_scans"] == 0
    os.utime(uncompressed)  # `touch` is what the manual names
    assert _extract(host, cohort)["n_changed"] == 1


def test_the_same_content_at_another_time_is_only_digested(host, cohort, scan):
    os.utime(scan, (1, 1))
    report = _extract(host, cohort)
    assert (report["n_extracted"], report["n_scans"], report["n_done_before"]) == (0, 1, 12)
    assert _extract(host, cohort)["n_scans"] == 0


@pytest.mark.parametrize("copied", [True, False])
def test_a_scan_that_only_moved_is_not_redone(host, cohort, scan, copied):
    before = _features(cohort)
    elsewhere = cohort.folder / "elsewhere" / "scan-3.nii.gz"
    elsewhere.parent.mkdir()
    if copied:
        shutil.copyfile(scan, elsewhere)
        scan.unlink()
    else:
        scan.rename(elsewhere)
    cohort.scans["case-003"] = "elsewhere/scan-3.nii.gz"
    cohort.write()
    report = _extract(host, cohort)
    assert (report["n_extracted"], report["n_done_before"]) == (0, 12)
    assert _features(cohort) == before
    assert _extract(host, cohort)["n_scans"] == 0


def test_a_scan_replaced_while_it_is_read_is_no_feature_and_found_by_the_next_run(host, cohort):
    scan, new = cohort.folder / cohort.scans["case-003"], cohort.folder / "new.nii.gz"
    write_scan(new, 999)
    before = REPLACED_WHILE_READ.format(name=scan.name, new=str(new))
    report = _extract(host, cohort, before=before, code=3)
    ((_, reason),) = [(case, reason) for case, reason in _failures(cohort).items()]
    assert "changed while it was read; run the command again" in reason
    assert report["n_extracted"] == 11
    assert not _features(cohort)
    assert _extract(host, cohort)["n_extracted"] == 1
    assert _failures(cohort) == {}


def _failures(cohort):
    return cache_folder(cohort.folder).failures()
