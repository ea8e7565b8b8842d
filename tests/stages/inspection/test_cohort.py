"""A cohort is judged the worst first; what was seen is kept, shared and judged again."""

import os
from dataclasses import replace

import numpy as np
import pytest

from mmfeat.errors import Interrupted
from mmfeat.progress import Silent
from mmfeat.stages.inspection import cohort as inspect_cohort
from mmfeat.stages.inspection.cohort import InspectedCohort, inspect_scans

from ..inspect_scans import body_hu, rows_of, write_nifti


class Counting(Silent):
    """Count steps, and keep the notes."""

    def __init__(self):
        self.total, self.steps, self.notes = 0, 0, []

    def start(self, task, total):
        self.total += total

    def advance(self, steps=1, note=""):
        self.steps += steps
        self.notes += [note] if note else []


def _never():
    return False


@pytest.fixture
def scans(tmp_path):
    """Good, noisy, metal and few slices, all air, cut short, absent; in that order."""
    folder = tmp_path / "scans"
    good, hu = body_hu(), body_hu(slices=12)
    noisy = good + body_hu(1) - body_hu(2)
    hu[:, 20:24, 20:24] = 3071
    paths = {
        "good": write_nifti(folder / "good.nii.gz", good),
        "noisy": write_nifti(folder / "noisy.nii.gz", noisy),
        "metal": write_nifti(folder / "metal.nii.gz", hu),
        "air": write_nifti(folder / "air.nii.gz", np.minimum(good, -970)),
        "short": write_nifti(folder / "short.nii.gz", good),
        "absent": folder / "absent.nii.gz",
    }
    paths["short"].write_bytes(paths["short"].read_bytes()[:2000])
    return rows_of(paths, most_noise_hu=15.0)


def _inspect(scans, folder, progress=None, should_stop=_never):
    return inspect_scans(scans, folder, progress=progress or Silent(), should_stop=should_stop)


def test_the_worst_comes_first(tmp_path, scans):
    cases = _inspect(scans, tmp_path / "out")
    assert [(case.scan.case_id, case.standing) for case in cases] == [
        ("short", "unreadable"),
        ("absent", "unreadable"),
        ("air", "reject"),
        ("metal", "warn"),
        ("noisy", "warn"),
        ("good", "pass"),
    ]
    by_id = {case.scan.case_id: case for case in cases}
    assert "truncated" in by_id["short"].why
    assert by_id["absent"].why.endswith("absent.nii.gz: cannot be read: No such file or directory")
    assert by_id["air"].why.startswith(
        "empty: nothing but air: 99.9 % of the voxels are at -970 HU"
    )
    assert "metal: " in by_id["metal"].why
    assert "coarse-pixels" not in by_id["noisy"].why
    assert by_id["noisy"].why.startswith("noisy: noise of ")


def test_counts_are_of_all_cases(tmp_path, scans):
    cases = _inspect([*scans, replace(scans[0], case_id="again")], tmp_path / "out")
    found = InspectedCohort(cases, tmp_path / "t", tmp_path / "s")
    assert found.counts == {"unreadable": 2, "reject": 1, "warn": 2, "pass": 2}
    assert found.n_failed == 3
    assert found.code_counts["coarse-pixels"] == 5
    assert found.code_counts["metal"] == 1
    described = found.to_json()
    assert described["n_scans"] == 7
    assert [one["case_id"] for one in described["failed"]] == ["short", "absent", "air"]
    assert {one["outcome"] for one in described["failed"]} == {"unreadable", "reject"}


def test_each_scan_is_looked_at_once_however_many_cases_share_it(tmp_path, scans):
    progress = Counting()
    shared = [scans[0], replace(scans[0], case_id="again"), scans[4]]
    cases = _inspect(shared, tmp_path / "out", progress)
    assert (progress.total, progress.steps) == (2, 2)
    assert progress.notes == ["short.nii.gz unreadable"]
    assert [case.scan.case_id for case in cases] == ["short", "good", "again"]


def test_a_second_look_is_spared_and_judged_by_the_thresholds_of_now(tmp_path, scans, monkeypatch):
    first = _inspect(scans[:2], tmp_path / "out")
    monkeypatch.setattr(inspect_cohort, "look_at", None)  # not to be called again
    assert _inspect(scans[:2], tmp_path / "out") == first
    lenient = [
        replace(scan, thresholds=replace(scan.thresholds, most_noise_hu=90.0)) for scan in scans
    ]
    assert [case.standing for case in _inspect(lenient[:2], tmp_path / "out")] == ["pass", "pass"]


def test_a_scan_that_has_changed_is_looked_at_again(tmp_path, scans):
    _inspect(scans[:1], tmp_path / "out")
    write_nifti(scans[0].path, body_hu(slices=12))
    os.utime(scans[0].path, ns=(1, 1))
    (case,) = _inspect(scans[:1], tmp_path / "out")
    assert case.verdict is not None
    assert "few-slices" in case.verdict.codes


def test_a_fault_of_ours_is_a_reason_and_no_end(tmp_path, scans, monkeypatch):
    def fail(volume):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(inspect_cohort, "look_at", fail)
    (case,) = _inspect(scans[:1], tmp_path / "out")
    assert case.why == f"{scans[0].path}: ZeroDivisionError: by zero"


def test_a_stop_keeps_what_was_seen_and_the_next_run_goes_on(tmp_path, scans, monkeypatch):
    monkeypatch.setattr(inspect_cohort, "allotted_cores", lambda: 1)
    progress = Counting()
    with pytest.raises(Interrupted, match=r"2 of 4 scans were looked at, which is kept in .*scans"):
        _inspect(scans[:4], tmp_path / "out", progress, lambda: progress.steps >= 2)
    kept = set((tmp_path / "out" / "scans").iterdir())
    assert len(kept) >= 2
    assert len(_inspect(scans[:4], tmp_path / "out")) == 4
    assert kept < set((tmp_path / "out" / "scans").iterdir())
