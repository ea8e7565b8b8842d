"""How every command ends: one line for what a user can mend, a log for what is our fault."""

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mmfeat.cli import exit_codes, main

from mmfeat.errors import ConfigError, Interrupted

from ..in_process import run_mmfeat


def _run(*arguments: str, **kwargs) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mmfeat", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **kwargs,
    )


@pytest.mark.parametrize("command", ["extract", "train", "eval", "run"])
def test_missing_settings_are_one_line_and_exit_code_two(tmp_path, command):
    run = run_mmfeat(command, "nowhere.yaml", folder=tmp_path)
    assert run.code == exit_codes.USER_CAN_MEND
    assert "Traceback" not in run.err
    assert re.search(r"error: .*nowhere\.yaml", run.err)
    assert len(run.err.strip().splitlines()) == 1


def test_debug_shows_the_traceback_of_a_program_started_afresh(tmp_path):
    run = _run("--debug", "extract", "nowhere.yaml", cwd=tmp_path)
    assert run.returncode == exit_codes.USER_CAN_MEND
    assert "Traceback" in run.stderr


def test_an_unknown_command_is_exit_code_two(tmp_path):
    run = run_mmfeat("extrakt", folder=tmp_path)
    assert run.code == exit_codes.USER_CAN_MEND
    assert "extrakt" in run.err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (ConfigError("run.yaml: no"), exit_codes.USER_CAN_MEND, "error: run.yaml: no"),
        (Interrupted("3 cases kept"), exit_codes.STOPPED, "Stopped: 3 cases kept"),
        (KeyboardInterrupt(), exit_codes.STOPPED, "run the same command to go on"),
        (RuntimeError("boom"), exit_codes.OUR_FAULT, "RuntimeError: boom"),
        (OSError(errno.EINVAL, "boom"), exit_codes.OUR_FAULT, "boom -- a fault of mmfeat"),
        (
            OSError(errno.ENOSPC, "No space left on device", "run/results.json"),
            exit_codes.USER_CAN_MEND,
            "error: run/results.json: the disk refuses (No space left on device); make room there, "
            "and run the same command again; everything finished is kept",
        ),
    ],
)
def test_every_end_has_its_exit_code_and_one_line(monkeypatch, capsys, error, code, text):
    def raise_it() -> None:
        raise error

    monkeypatch.setattr(main, "app", raise_it)
    with pytest.raises(SystemExit) as stop:
        main.main()
    assert stop.value.code == code
    shown = capsys.readouterr().err
    assert text in shown.replace("\n", " ")
    log = re.search(r"traceback is in (\S+)", shown.replace("\n", ""))
    if code == exit_codes.OUR_FAULT:
        assert "boom" in Path(log[1]).read_text()
        Path(log[1]).unlink()
