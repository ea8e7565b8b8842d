"""A cluster to launch on, where Slurm is installed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmfeat.launching.job_folder import JobRecord

from .one_node import OneNodeSlurm, missing_program


@pytest.fixture(scope="module")
def slurm() -> Iterator[OneNodeSlurm]:
    """A Slurm of one node, which the programs of this process and its children find."""
    missing = missing_program()
    if missing is not None:
        pytest.skip(f"{missing} is not installed (Debian: apt-get install slurm-wlm munge)")
    if os.geteuid() != 0:
        pytest.skip("only root can start a Slurm whose tasks run as somebody")
    made = OneNodeSlurm()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made
    made.close()


class StandIn:
    """Programs by the names of Slurm's, which write down what they were asked and say what is set.

    For what a real Slurm does too seldom to wait for, such as to refuse.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("sbatch", "squeue", "scontrol", "scancel", "sacct"):
            program = folder / name
            program.write_text(
                f'#!/bin/bash\necho "{name} $*" >>"{folder}/calls"\n'
                f'cat "{folder}/{name}.says" 2>/dev/null\n'
                f'[[ ! -e "{folder}/{name}.refuses" ]] || {{ cat "{folder}/{name}.refuses" >&2; '
                "exit 1; }\n"
            )
            program.chmod(0o755)

    def says(self, name: str, text: str) -> None:
        """Let a program write something from now on."""
        (self.folder / f"{name}.says").write_text(text)

    def refuses(self, name: str, text: str) -> None:
        """Let a program refuse from now on."""
        (self.folder / f"{name}.refuses").write_text(text)

    @property
    def calls(self) -> list[str]:
        """What was asked, one command a line."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Stand-ins for Slurm's programs, first on the path."""
    made = StandIn(tmp_path / "stand-in")
    monkeypatch.setenv("PATH", f"{made.folder}{os.pathsep}{os.environ['PATH']}")
    return made


@pytest.fixture
def job_record() -> JobRecord:
    """An extraction in four shards."""
    return JobRecord(
        job="20260301T080000Z-extract-3f2a",
        command="extract",
        config="/data/my study/mmfeat.yaml",
        overrides=("extract.cache=it's $HOME",),
        options=("--retry-failed",),
        launcher="slurm",
        n_shards=4,
        created="2026-03-01T08:00:00+00:00",
        launch={},
        versions={"mmfeat": "1.0"},
        finish=("--finish",),
    )
