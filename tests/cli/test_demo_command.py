"""`mmfeat demo`: what it prints, how it ends, and that nothing of it outlives it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mmfeat.cli import exit_codes

from ..in_process import run_mmfeat

QUICK = ("--n", "20", "--size", "32")


def _start(cwd: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mmfeat", "demo", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _wait_for_scans(folder: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if folder.is_dir() and any(p.name[0] != "." for p in folder.iterdir()):
            return
        time.sleep(0.02)
    raise AssertionError(f"no scan was made: {process.communicate()}")


def _is_group_alive(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def test_result_names_the_folder_and_the_next_command(tmp_path):
    run = run_mmfeat("demo", "made-up", *QUICK, folder=tmp_path)
    assert run.code == exit_codes.DONE, run.err
    assert "20 made-up patients" in run.out
    assert "Next: mmfeat run made-up/mmfeat.yaml" in run.out
    again = run_mmfeat("demo", "made-up", *QUICK, folder=tmp_path)
    assert again.code == exit_codes.USER_CAN_MEND
    assert "pass --overwrite" in again.err
    assert len(again.err.strip().splitlines()) == 1


def test_json_is_one_document_and_the_folder_has_a_default(tmp_path):
    run = run_mmfeat(
        "demo", "--json", "--seed", "5", "--encoder", "slices-lite0", *QUICK, folder=tmp_path
    )
    written = json.loads(run.out)
    assert (written["folder"], written["n_patients"]) == ("demo-cohort", 20)
    assert len(written["broken"]) == 2
    assert "encoder: slices-lite0" in (tmp_path / "demo-cohort" / "mmfeat.yaml").read_text()


def test_too_few_patients_are_refused(tmp_path):
    run = run_mmfeat("demo", "--n", "3", folder=tmp_path)
    assert run.code == exit_codes.USER_CAN_MEND
    assert "20" in run.err
    assert list(tmp_path.iterdir()) == []


def test_a_signal_stops_with_its_exit_code_and_the_same_command_goes_on(tmp_path):
    process = _start(tmp_path, "c", "--n", "40", "--size", "32")
    _wait_for_scans(tmp_path / "c" / "scans", process)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: every process of the group gets it
    _, shown = process.communicate(timeout=60)
    assert process.returncode == exit_codes.STOPPED, shown
    assert "the same command goes on from here" in shown.replace("\n", " ")
    assert "Traceback" not in shown
    assert not (tmp_path / "c" / "mmfeat.yaml").exists()
    run = run_mmfeat("demo", "c", "--n", "40", "--size", "32", folder=tmp_path)
    assert run.code == exit_codes.DONE, run.err
    assert (tmp_path / "c" / "mmfeat.yaml").exists()


def test_a_killed_command_leaves_no_process_behind(tmp_path):
    process = _start(tmp_path, "c", "--n", "400", "--size", "64")
    _wait_for_scans(tmp_path / "c" / "scans", process)
    process.kill()
    process.communicate(timeout=60)
    deadline = time.monotonic() + 20
    while _is_group_alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_group_alive(process.pid)
