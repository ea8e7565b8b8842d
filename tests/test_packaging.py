"""What is shipped: every package, the typing marker, and nothing called `cli` at the top."""

import subprocess
import sys
import tomllib
from pathlib import Path

import mmfeat

PROJECT = Path(__file__).resolve().parents[1]


def test_the_list_of_packages_is_what_is_on_disk():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]
    on_disk = {
        ".".join(file.parent.relative_to(PROJECT).parts)
        for file in (PROJECT / "mmfeat").glob("**/__init__.py")
    }
    cohorts = {
        ".".join(("mmfeat", *file.parent.relative_to(PROJECT).parts))
        for file in (PROJECT / "data_manifests").glob("**/__init__.py")
    }
    assert set(settings["packages"]) == on_disk | {"mmfeat.cli"} | cohorts
    assert settings["package-dir"]["mmfeat.cli"] == "cli"
    assert settings["package-dir"]["mmfeat.data_manifests"] == "data_manifests"


def test_the_program_says_its_version():
    run = subprocess.run(
        [sys.executable, "-m", "mmfeat", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == f"mmfeat {mmfeat.__version__}"
