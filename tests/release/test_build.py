"""What is built is the same from the same sources, wherever they lie and whenever it is done."""

import os
import shutil
import tarfile
import zipfile

import pytest

import mmfeat
from release.build import BESIDE, SHIPPED, build
from release.closure import PROJECT

EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The files of the checkout, built in two places; the second one is touched."""
    folder = tmp_path_factory.mktemp("built")
    pairs = []
    for name in ("first", "second"):
        copy = folder / name / "checkout"
        for one in SHIPPED:
            shutil.copytree(PROJECT / one, copy / one, ignore=shutil.ignore_patterns("__pycache__"))
        for one in BESIDE:
            shutil.copyfile(PROJECT / one, copy / one)
        pairs.append(copy)
    for file in pairs[1].rglob("*"):
        os.utime(file, (EPOCH + 86_400, EPOCH + 86_400))
        file.chmod(0o700)
    return [build(copy, copy.parent / "dist", epoch=EPOCH) for copy in pairs]


@pytest.mark.slow
def test_both_files_have_the_same_bytes(built):
    for first, second in zip(*built, strict=True):
        assert first.name == second.name
        assert first.read_bytes() == second.read_bytes(), first.name


@pytest.mark.slow
def test_the_wheel_ships_only_mmfeat_with_its_command_line(built):
    names = set(zipfile.ZipFile(built[0][1]).namelist())
    tops = {name.split("/")[0] for name in names}
    assert tops == {"mmfeat", f"mmfeat-{mmfeat.__version__}.dist-info"}
    assert {
        "mmfeat/py.typed",
        "mmfeat/cli/main.py",
        "mmfeat/encoders/recipe_files/tap-ct.yaml",
        "mmfeat/report/html/assets/page.html",
    } <= names


@pytest.mark.slow
def test_the_cohorts_are_shipped_with_their_pages_and_settings(built):
    names = set(zipfile.ZipFile(built[0][1]).namelist())
    for file in (PROJECT / "data_manifests").rglob("*"):
        if file.suffix in (".py", ".yaml") or file.name == "README.md":
            assert f"mmfeat/{file.relative_to(PROJECT).as_posix()}" in names


@pytest.mark.slow
def test_the_source_distribution_has_no_trace_of_a_machine(built):
    with tarfile.open(built[0][0]) as tar:
        entries = tar.getmembers()
    assert {(one.mtime, one.uid, one.uname) for one in entries} == {(EPOCH, 0, "")}
    assert {one.mode for one in entries} == {0o644, 0o755}
    names = {one.name.split("/", 1)[-1] for one in entries}
    assert {"README.md", "LICENSE", "cli/main.py", "pyproject.toml"} <= names
