"""One case's scan: whole or not there, the same bytes each time, the same chest at each visit."""

from dataclasses import replace
from itertools import pairwise

import pytest

from mmfeat.demo.cohort_plan import plan_cohort
from mmfeat.demo.scan_files import anatomy_of, write_scan
from mmfeat.errors import VolumeError
from mmfeat.volumes.reading import read_volume

CASES = plan_cohort(20, 3)


def _first(scan_format: str, *, broken: bool = False):
    return next(c for c in CASES if c.scan_format == scan_format and c.broken == broken)


def _folder(tmp_path, name: str = "cohort"):
    (tmp_path / name / "scans").mkdir(parents=True)
    return tmp_path / name


def _content(path):
    if path.is_file():
        return path.read_bytes()
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.mark.parametrize("scan_format", ["nifti", "dicom"])
def test_the_same_case_gives_the_same_bytes_and_another_seed_others(tmp_path, scan_format):
    case = _first(scan_format)
    contents = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        folder = _folder(tmp_path, name)
        write_scan(folder, case, size=32, seed=seed)
        contents.append(_content(folder / case.scan_path))
    assert contents[0] == contents[1] != contents[2]


@pytest.mark.parametrize("scan_format", ["nifti", "dicom"])
def test_a_scan_in_place_is_left_alone_and_half_of_one_is_made_again(tmp_path, scan_format):
    case, folder = _first(scan_format), _folder(tmp_path)
    half = folder / "scans" / f".{case.scan_path.removeprefix('scans/')}.partial"
    if scan_format == "dicom":
        half.mkdir()
        (half / "left-over.dcm").write_bytes(b"half")
    else:
        half.write_bytes(b"half")
    write_scan(folder, case, size=32, seed=3)
    assert [path.name for path in (folder / "scans").iterdir()] == [case.scan_path[6:]]
    before = _content(folder / case.scan_path)
    write_scan(folder, case, size=48, seed=9)
    assert _content(folder / case.scan_path) == before
    assert read_volume(folder / case.scan_path).hu.size > 0


@pytest.mark.parametrize(("scan_format", "reason"), [("nifti", "truncated"), ("dicom", "missing")])
def test_a_broken_scan_cannot_be_read_and_its_whole_twin_can(tmp_path, scan_format, reason):
    case = _first(scan_format, broken=True)
    folder, whole = _folder(tmp_path, "broken"), _folder(tmp_path, "whole")
    write_scan(folder, case, size=32, seed=3)
    with pytest.raises(VolumeError, match=reason):
        read_volume(folder / case.scan_path)
    write_scan(whole, replace(case, broken=False), size=32, seed=3)
    assert read_volume(whole / case.scan_path).hu.shape.count(32) == 2


def test_two_visits_share_the_chest():
    first = next(a for a, b in pairwise(CASES) if a.patient == b.patient)
    second = next(c for c in CASES if c.patient == first.patient and c.visit == 1)
    chests = [anatomy_of(case, 3) for case in (first, second)]
    assert replace(chests[0], fat=0) == replace(chests[1], fat=0)
