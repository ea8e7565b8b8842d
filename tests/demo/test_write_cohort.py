"""The cohort's folder: whole in the end, resumed when stopped, never somebody else's."""

import csv
import json
import shutil
from dataclasses import replace

import pytest

from mmfeat.demo.write_cohort import Request, write_cohort
from mmfeat.errors import CohortError, Interrupted

SMALL = Request(n_patients=20, size=32, seed=3)
"""As in conftest.py."""


class _Stop:
    """Ask to stop after so many questions."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def _files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _rows(folder):
    with (folder / "manifest.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_scan_named_in_the_manifest_is_there_and_nothing_else(small_cohort):
    named = {row["ct"] for row in _rows(small_cohort) if row["ct"]}
    assert {f"scans/{path.name}" for path in (small_cohort / "scans").iterdir()} == named


def test_the_readme_says_that_it_is_made_up_and_names_the_broken_scans(small_cohort):
    readme = (small_cohort / "README.md").read_text()
    assert "made-up" in readme
    assert "invented" in readme
    broken = [line for line in readme.splitlines() if line.startswith("- scans/P")]
    assert len(broken) == 2
    for line in broken:
        assert (small_cohort / line.removeprefix("- ").split(":")[0]).exists()


def test_a_stopped_cohort_goes_on_and_ends_with_the_same_files(small_cohort, tmp_path):
    folder = tmp_path / "cohort"
    with pytest.raises(Interrupted, match=r"of 1[0-9] scans are made; the same command goes on"):
        write_cohort(folder, SMALL, stopping=_Stop(after=4))
    assert not (folder / "mmfeat.yaml").exists()
    made = {path: path.stat().st_mtime_ns for path in (folder / "scans").iterdir()}
    assert made
    write_cohort(folder, SMALL)
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert _files(folder) == _files(small_cohort)


def test_a_finished_cohort_is_replaced_only_with_overwrite(small_cohort, tmp_path):
    folder = tmp_path / "cohort"
    shutil.copytree(small_cohort, folder)
    for name in ("splits.csv", "cache/ct/x", "run/run.json", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    with pytest.raises(CohortError, match="pass --overwrite"):
        write_cohort(folder, SMALL)
    other = replace(SMALL, seed=4)
    with pytest.raises(CohortError, match="pass --overwrite"):
        write_cohort(folder, other)
    write_cohort(folder, other, overwrite=True)
    assert json.loads((folder / "demo.json").read_text())["seed"] == 4
    assert not any((folder / name).exists() for name in ("splits.csv", "cache", "run"))
    assert (folder / "notes.txt").exists()  # not ours


@pytest.mark.parametrize("overwrite", [False, True])
def test_somebody_elses_folder_is_left_alone(tmp_path, overwrite):
    (tmp_path / "manifest.csv").write_text("mine")
    with pytest.raises(CohortError, match="not empty and not a made-up cohort"):
        write_cohort(tmp_path, SMALL, overwrite=overwrite)
    assert _files(tmp_path) == {"manifest.csv": b"mine"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "cohort").write_text("a file")
    with pytest.raises(CohortError, match="is a file; give the name of a folder"):
        write_cohort(tmp_path / "cohort", SMALL)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CohortError, match="cannot be written"):
        write_cohort(tmp_path / "file" / "cohort", SMALL)


def test_a_larger_cohort_holds_the_same_first_scans(small_cohort, tmp_path):
    folder = tmp_path / "cohort"
    write_cohort(folder, replace(SMALL, n_patients=22))
    larger, smaller = _files(folder), _files(small_cohort)
    same = [name for name in smaller if name.startswith("scans/")]
    assert {name: larger[name] for name in same} == {name: smaller[name] for name in same}


def test_the_default_request_is_the_promised_cohort():
    assert Request() == Request(n_patients=400, size=96, seed=0, encoder="intensity-stats")
