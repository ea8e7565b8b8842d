"""`make docs` builds every page without a warning: no orphan, no dead link, no bad heading."""

import subprocess
import sys

import pytest

from .pages import PAGES, PROJECT, name_of


@pytest.fixture(scope="module")
def website(tmp_path_factory):
    folder = tmp_path_factory.mktemp("website")
    arguments = ["--quiet", "--fail-on-warning", "--keep-going", "-c", "docs"]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *arguments, "-d", folder / "trees", ".", folder / "html"],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder / "html"


@pytest.mark.slow
def test_every_page_is_built_and_in_the_navigation(website):
    navigation = (website / "docs" / "index.html").read_text()
    for page in PAGES:
        built = (website / name_of(page)).with_suffix(".html")
        assert built.is_file(), name_of(page)
        if page.parent.parent.name != "data_manifests" and page.name != "index.md":
            linked = f'href="{built.name}"' if page.parent.name == "docs" else f"{built.name}"
            assert linked in navigation, name_of(page)


@pytest.mark.slow
def test_the_first_page_leads_to_the_index(website):
    assert "url=docs/index.html" in (website / "index.html").read_text()


@pytest.mark.slow
def test_no_page_asks_for_anything_from_a_network(website):
    for page in website.glob("**/*.html"):
        text = page.read_text()
        assert 'src="http' not in text, page
        assert '<link rel="stylesheet" type="text/css" href="http' not in text, page
