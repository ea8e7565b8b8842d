from importlib.metadata import PathDistribution

import pytest

from release.licences import UNKNOWN, is_refused, licence_of, main


@pytest.fixture
def package(tmp_path):
    """A function that makes an installed package of lines of metadata."""

    def make(*lines, name="a-package"):
        (tmp_path / "METADATA").write_text("\n".join([f"Name: {name}", "Version: 1", *lines]))
        return PathDistribution(tmp_path)

    return make


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT OR GPL-2.0-only"], "MIT OR GPL-2.0-only"),
        (["License: Apache License 2.0"], "Apache-2.0"),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (
            ["Classifier: License :: OSI Approved :: BSD License", "License: BSD-3-Clause"],
            "BSD-3-Clause",
        ),
        (
            ["Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)"],
            "GPL or LGPL",
        ),
        (["License: UNKNOWN"], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_a_licence_is_read_wherever_it_is_stated(package, lines, licence):
    assert licence_of(package(*lines), {}) == licence


def test_what_was_looked_up_comes_first(package):
    assert licence_of(package("License: UNKNOWN"), {"a-package": "MIT"}) == "MIT"


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "LGPL-2.1-or-later",
        "AGPL-3.0-only",
        "GPL or LGPL",
        "MIT AND GPL-2.0-only",
        "CC-BY-NC-4.0",
        UNKNOWN,
    ],
)
def test_copyleft_and_silence_are_refused(licence):
    assert is_refused(licence)


@pytest.mark.parametrize(
    "licence", ["MIT", "MPL-2.0", "MIT OR GPL-2.0-only", "PSF-2.0", "BSD-3-Clause AND Zlib"]
)
def test_permissive_licences_pass(licence):
    assert not is_refused(licence)


def test_nothing_that_mmfeat_imports_here_is_copyleft(capsys):
    assert main() == 0, capsys.readouterr().out
    assert " 0 refused" in capsys.readouterr().out
