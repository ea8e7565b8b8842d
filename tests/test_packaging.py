"""What is shipped: every package, the typing marker, and nothing called `cli` at the top."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import mmfeat

PROJECT = Path(__file__).resolve().parents[1]


def test_the_list_of_packages_is_what_is_on_disk():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]
    on_disk = {
        ".".join(file.parent.relative_to(PROJECT).parts)
        for file in (PROJECT / "mmfeat").glob("**/__init__.py")
    }
    assert set(settings["packages"]) == on_disk | {"mmfeat.cli"}
    assert settings["package-dir"]["mmfeat.cli"] == "cli"


@pytest.mark.slow
def test_the_wheel_ships_only_mmfeat_with_its_command_line(tmp_path):
    sources = tmp_path / "sources"  # setuptools leaves a folder `build` beside what it builds
    for name in ("mmfeat", "cli"):
        shutil.copytree(PROJECT / name, sources / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, sources)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            tmp_path,
            sources,
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"mmfeat", f"mmfeat-{mmfeat.__version__}.dist-info"}
    assert {"mmfeat/py.typed", "mmfeat/cli/main.py", "mmfeat/cli/extract_command.py"} <= set(names)
    assert "mmfeat/encoders/recipe_files/tap-ct.yaml" in names
    assert "mmfeat/report/html/assets/page.html" in names


def test_the_program_says_its_version():
    run = subprocess.run(
        [sys.executable, "-m", "mmfeat", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == f"mmfeat {mmfeat.__version__}"
