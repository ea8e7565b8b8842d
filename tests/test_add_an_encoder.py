"""The package of docs/add-an-encoder.md is built, installed, tested and used, as it stands."""

import json
import os
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from .documented_files import PROJECT, documented_files, write_documented
from .tiny_cohort import write_cohort

DOCUMENT = "add-an-encoder.md"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The folder of the package, and the environment in which it is installed."""
    folder = write_documented(DOCUMENT, tmp_path_factory.mktemp("package"))
    site = folder / "site"
    arguments = [
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--quiet",
        "--target",
        site,
        ".",
    ]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    path = os.pathsep.join([str(site), str(PROJECT)])
    return folder, {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


def _run(package, *arguments, module="mmfeat", where="."):
    folder, environment = package
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=folder / where,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_document_shows_a_complete_package():
    assert list(documented_files(DOCUMENT)) == [
        "pyproject.toml",
        "chest_net.py",
        "test_chest_net.py",
        "mmfeat.yaml",
    ]


def test_its_own_test_passes(package):
    run = _run(package, "-q", "-p", "no:cacheprovider", "test_chest_net.py", module="pytest")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


def test_it_is_listed_and_shown_with_its_package(package):
    listed = json.loads(_run(package, "encoders", "list", "--json").stdout)
    (found,) = (one for one in listed if one["name"] == "chest-net")
    assert found["package"] == "mmfeat-chest-net 1.0"
    shown = _run(package, "encoders", "show", "chest-net")
    assert shown.returncode == 0, shown.stderr
    assert "windows: [16, 64, 64]" in shown.stdout


def test_it_is_used_by_extract_and_its_version_is_in_the_cache(package):
    folder, _ = package
    shapes = {"0.weight": (16, 1, 3, 3, 3), "0.bias": (16,)}
    shapes |= {"2.weight": (32, 16, 3, 3, 3), "2.bias": (32,)}
    drawn = {name: 0.1 * torch.randn(shape) for name, shape in shapes.items()}
    save_file(drawn, folder / "chest-net.safetensors")
    write_cohort(folder)
    run = _run(package, "extract", "mmfeat.yaml", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    (modality,) = json.loads(run.stdout)["modalities"]
    assert modality["n_extracted"] == 3
    (recipe,) = (folder / "cache/ct").glob("*/recipe.json")
    assert json.loads(recipe.read_text())["package"] == {
        "name": "mmfeat-chest-net",
        "version": "1.0",
    }
