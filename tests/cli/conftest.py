"""Run commands in this process."""

import pytest
from mmfeat.cli import exit_codes, main


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
