"""What `mmfeat train` and `mmfeat methods` print, and how they end."""

import json
import os
import subprocess
import sys

import pytest
from mmfeat.cli import exit_codes

from ..stages.training_cohort import write_training_cohort


def _run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "mmfeat", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    write_training_cohort(folder)
    return folder


QUICK = ["--set=train.methods=[average]", "--set=train.epochs=1"]


def test_training_says_how_many_heads_and_where_and_then_skips_them(folder):
    first = _run("train", *QUICK, cwd=folder)
    assert first.returncode == exit_codes.DONE, first.stderr
    assert "2 heads trained in" in first.stdout
    assert f"heads are in {folder / 'run'}" in first.stdout
    again = _run("train", "--json", *QUICK, cwd=folder)
    report = json.loads(again.stdout)
    assert (report["n_trained"], report["n_finished_before"]) == (0, 2)


def test_other_settings_are_one_line_and_exit_code_two_until_overwrite(tmp_path):
    write_training_cohort(tmp_path)
    quick = ["--set=train.methods=[concat-zero]", "--set=train.seeds=[0]"]
    assert _run("train", *quick, cwd=tmp_path).returncode == exit_codes.DONE
    other = _run("train", *quick, "--set=train.dropout=0.4", cwd=tmp_path)
    assert other.returncode == exit_codes.USER_CAN_MEND
    assert "options.dropout was 0.2 and is 0.4" in other.stderr
    assert "Traceback" not in other.stderr
    mended = _run("train", *quick, "--set=train.dropout=0.4", "--overwrite", cwd=tmp_path)
    assert "2 heads trained" in mended.stdout


def test_methods_are_listed_one_line_each():
    run = _run("methods")
    assert run.returncode == exit_codes.DONE
    for name in ("mmfeat", "paper", "logistic", "average", "smd-zero"):
        assert sum(line.split()[1:2] == [name] for line in run.stdout.splitlines()) == 1


def test_methods_as_json_hold_every_name():
    from mmfeat.fusion import METHODS

    assert list(json.loads(_run("methods", "--json").stdout)) == list(METHODS)
