"""Settings of Sphinx: `make docs` builds the pages of the repository into docs/_build/html.

The pages are plain Markdown, so that they read well on a forge too, and stay where they are: the
source folder is the whole repository, of which only documents are taken. `docs/index.md` is the
one list of pages: each of its sections is a part of the navigation, each of its links a page. A
page that it does not name is an error of the build.
"""

import html
import re
from pathlib import Path, PurePosixPath

from sphinx.application import Sphinx

_PROJECT = Path(__file__).resolve().parents[1]
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_LINK_OF_ITEM = re.compile(r"^- \[([^\]]+)\]\(([^)#]+\.md)\)", re.MULTILINE)
_COHORTS = "data_manifests/README"

project = "mmfeat"
author = "The mmfeat authors"
copyright = "The mmfeat authors"
release = version = _VERSION.findall((_PROJECT / "mmfeat" / "__init__.py").read_text())[0]

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "data_manifests/**README.md"]
exclude_patterns = ["docs/_build"]
# Folders with no page of ours are not even walked through: one of them is the environment.
exclude_patterns += [
    path.name
    for path in _PROJECT.iterdir()
    if path.is_dir() and path.name not in ("docs", "data_manifests")
]

myst_heading_anchors = 4  # `page.md#a-heading` leads somewhere, as on a forge
myst_links_external_new_tab = False
highlight_language = "console"  # of indented blocks, which hold commands
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"mmfeat {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"


def _toctree(caption: str, entries: list[str]) -> str:
    lines = ["```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```"]
    return "\n".join(lines) + "\n"


def _as_document(link: str) -> str:
    """Return Sphinx's name for a page that docs/index.md links to."""
    parts: list[str] = []
    for part in PurePosixPath("docs", link).with_suffix("").parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/" + "/".join(parts)


def _with_navigation(index: str) -> str:
    """Add to the list of pages what makes Sphinx's navigation of it."""
    _, *sections = re.split(r"^## ", index, flags=re.MULTILINE)
    trees = []
    for section in sections:
        caption, text = section.split("\n", maxsplit=1)
        entries = [f"{name} <{_as_document(link)}>" for name, link in _LINK_OF_ITEM.findall(text)]
        if entries:
            trees.append(_toctree(caption, entries))
    return "\n".join([index, *trees])


def _read_source(_: Sphinx, document: str, source: list[str]) -> None:
    if document == root_doc:
        source[0] = _with_navigation(source[0])
    elif document == _COHORTS:
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n*/README\n```\n"


def _lead_to_index(app: Sphinx, error: Exception | None) -> None:
    """Write a page in the top folder that leads to the index, which is in docs/."""
    if error is None and app.builder.format == "html":
        target = html.escape(app.builder.get_target_uri(root_doc))
        head = '<!doctype html><meta charset="utf-8"><title>mmfeat</title>'
        lead = f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">mmfeat</a>'
        (Path(app.outdir) / "index.html").write_text(f"{head}\n{lead}\n")


def setup(app: Sphinx) -> None:
    """Hang what is above into the build."""
    app.connect("source-read", _read_source)
    app.connect("build-finished", _lead_to_index)
