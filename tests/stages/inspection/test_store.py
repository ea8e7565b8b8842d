"""What was seen of a scan is found again as long as its files and rules are the same."""

import os
from dataclasses import replace

import pytest

from mmfeat.errors import VolumeError
from mmfeat.quality.histogram import Histogram
from mmfeat.stages.inspection.look import look_at, read_to_look
from mmfeat.stages.inspection.store import KeptLook, LookStore

from ..inspect_scans import body_hu, rows_of, write_nifti


@pytest.fixture
def scan(tmp_path):
    (scan,) = rows_of({"a": write_nifti(tmp_path / "scans" / "nemo.nii.gz", body_hu())})
    return scan


@pytest.fixture
def look(scan):
    seen = look_at(read_to_look(scan.path, scan.rules))
    return KeptLook(seen.facts, seen.histogram, b"\x00picture\xff")


def test_what_is_kept_comes_back_as_it_was(tmp_path, scan, look):
    store = LookStore(tmp_path / "kept")
    file = store.file_of(scan)
    assert store.find(file) is None
    store.keep(file, look)
    assert store.find(file) == look
    assert isinstance(look.histogram, Histogram)


def test_nothing_of_the_path_can_be_read_off_the_name(tmp_path, scan):
    assert "nemo" not in str(LookStore(tmp_path / "kept").file_of(scan)).replace(str(tmp_path), "")


def test_a_changed_file_or_another_rule_has_a_file_of_its_own(tmp_path, scan):
    store = LookStore(tmp_path / "kept")
    names = {store.file_of(scan), store.file_of(replace(scan, case_id="b"))}
    assert len(names) == 1  # the case does not matter
    names.add(store.file_of(replace(scan, rules=replace(scan.rules, gaps="interpolate"))))
    os.utime(scan.path, ns=(1, 1))
    names.add(store.file_of(scan))
    assert len(names) == 3


def test_a_scan_that_is_gone_is_an_error(tmp_path, scan):
    scan.path.unlink()
    with pytest.raises(VolumeError, match=r"nemo.nii.gz: cannot be read"):
        LookStore(tmp_path / "kept").file_of(scan)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"facts": {"version": 0}}', '{"facts": 3}', "\x00"]
)
def test_a_damaged_file_counts_as_none(tmp_path, content):
    file = tmp_path / "damaged.json"
    file.write_text(content)
    assert LookStore(tmp_path).find(file) is None
