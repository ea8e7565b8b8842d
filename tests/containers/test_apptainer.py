"""The recipe for Apptainer has the parts that it should, and its scripts are linted."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
RECIPE = (PROJECT / "containers" / "mmfeat.def").read_text()
KNOWN = {"arguments", "environment", "files", "help", "labels", "post", "runscript", "test"}


def _sections():
    """Return the text of each section."""
    parts = re.split(r"^%(\w+)\n", RECIPE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _arguments():
    return dict(line.strip().split("=", 1) for line in _sections()["arguments"].split("\n") if line)


def test_its_sections_are_known_ones():
    assert set(_sections()) == KNOWN
    assert len(re.findall(r"^%", RECIPE, re.MULTILINE)) == len(KNOWN)


def test_arguments_are_those_that_are_filled_in():
    used = set(re.findall(r"\{\{ (\w+) \}\}", RECIPE))
    assert used == set(_arguments())


def test_it_is_made_of_the_same_as_the_image_for_docker():
    dockerfile = (PROJECT / "containers" / "Dockerfile").read_text()
    (python,) = re.findall(r"^ARG PYTHON=(.*)", dockerfile, re.MULTILINE)
    assert f"From: python:{python}\n" in RECIPE
    (extras,) = re.findall(r'^ARG EXTRAS="(.*)"', dockerfile, re.MULTILINE)
    assert _arguments()["extras"] == extras
    for line in _sections()["environment"].split("\n"):
        if match := re.match(r" *export (MMFEAT\w+|HF\w+|TRANSFORMERS\w+)=(.*)", line):
            assert f"{match[1]}={match[2]}" in dockerfile


def test_everything_that_is_copied_is_there():
    for line in _sections()["files"].strip().splitlines():
        source, target = line.split()
        assert (PROJECT / source).exists()
        assert target == f"/source/{source}"


@pytest.mark.parametrize("section", ["post", "environment", "runscript", "test"])
def test_shellcheck_finds_nothing_in_its_scripts(section):
    script = _sections()[section]
    for name, value in _arguments().items():
        script = script.replace(f"{{{{ {name} }}}}", value)
    shellcheck = Path(sys.executable).with_name("shellcheck")
    run = subprocess.run(
        # SC2050: what is filled in makes a comparison of constants.
        [shellcheck, "--shell=sh", "--exclude=SC2050", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "")
