"""Run commands in this process."""

import pytest
from mmfeat.cli import console, exit_codes, main


@pytest.fixture
def mmfeat(tmp_path, monkeypatch):
    """A function that runs the program in the test's folder and returns its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["mmfeat", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main.main()
        return end.value.code or exit_codes.DONE

    return run


@pytest.fixture
def mmfeat_shown(mmfeat, monkeypatch, capsys):
    """A function that runs the program and returns its exit code, output and messages."""

    def run(*arguments, columns=100):
        monkeypatch.setattr(console.console, "width", columns)
        return mmfeat(*arguments), *capsys.readouterr()

    return run
