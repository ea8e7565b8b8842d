"""The image is linted and agrees with the project; it cannot be built here."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mmfeat.weights_store.folder import store_folder
from mmfeat.weights_store.hub_cache import hub_cache_folder, is_offline

PROJECT = Path(__file__).resolve().parents[2]
DOCKERFILE = PROJECT / "containers" / "Dockerfile"
TEXT = DOCKERFILE.read_text()


def _lines():
    """Return the instructions, each as one line without comments."""
    text = re.sub(r"^\s*#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _environment():
    """Return the variables of the image's last stage."""
    lines = _lines()
    last = max(place for place, line in enumerate(lines) if line.startswith("FROM"))
    settings = [line for line in lines[last:] if line.startswith("ENV")]
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(settings)))


def test_hadolint_finds_nothing():
    hadolint = Path(sys.executable).with_name("hadolint")
    run = subprocess.run(
        [hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")


def test_everything_that_is_copied_is_there_and_nothing_else_is_sent():
    copied = set()
    for line in _lines():
        if line.startswith("COPY") and "--from" not in line:
            copied.update(line.split()[1:-1])
    assert all((PROJECT / name).exists() for name in copied)
    ignoring = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in ignoring if not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied


def test_it_runs_as_a_user_who_is_not_root_and_hands_signals_on():
    users = [line.split()[1] for line in _lines() if line.startswith("USER")]
    assert users == ["10001:10001"]
    (entry,) = [line for line in _lines() if line.startswith("ENTRYPOINT")]
    assert entry == 'ENTRYPOINT ["tini", "-g", "--", "mmfeat"]'


def test_its_python_and_extras_are_those_of_the_project():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    (python,) = re.findall(r"^ARG PYTHON=([\d.]+)", TEXT, re.MULTILINE)
    assert f"Programming Language :: Python :: {python}" in settings["classifiers"]
    (extras,) = re.findall(r'^ARG EXTRAS="(.*)"', TEXT, re.MULTILINE)
    assert set(extras.split(",")) <= set(settings["optional-dependencies"])


def test_its_variables_say_where_weights_are_and_that_there_is_no_network():
    environment = _environment()
    assert store_folder(environment) == Path("/weights")
    assert hub_cache_folder(environment) == Path("/weights/hub/hub")
    assert is_offline(environment)


@pytest.mark.parametrize("name", ["Dockerfile", "mmfeat.def"])
def test_nothing_is_fetched_but_by_the_package_managers(name):
    text = (PROJECT / "containers" / name).read_text()
    assert not re.search(r"https?://|\bcurl\b|\bwget\b", text)
