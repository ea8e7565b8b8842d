"""Small cohorts, and small disks that can be filled."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..stages.extraction_cohort import MadeCohort, make_cohort


@pytest.fixture
def cohort(tmp_path: Path) -> MadeCohort:
    return make_cohort(tmp_path / "cohort", 12)


@pytest.fixture
def small_disk() -> Iterator[Callable[[str], Path]]:
    """A function that mounts a file system in memory with given options; it goes at the end.

    Outside pytest's folders, which it could not clean up if this process were killed.
    """
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        place = Path(tempfile.mkdtemp(prefix="mmfeat-disk-"))
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            place.rmdir()
            pytest.skip(f"a file system cannot be mounted here ({ended.stderr.strip()})")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        while place.is_mount():
            subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()
