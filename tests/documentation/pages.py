"""The documents of the project, and the blocks of code in them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).resolve().parents[2]
_FILE_NAME = re.compile(r"^`([\w./-]+\.\w+)`:$")


def _all_pages() -> list[Path]:
    pages = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")]
    return sorted([*pages, *PROJECT.glob("data_manifests/**/README.md")])


PAGES = _all_pages()


def name_of(page: Path) -> str:
    """Return the path of a page within the project, as tables and test ids have it."""
    return page.relative_to(PROJECT).as_posix()


@dataclass(frozen=True)
class Block:
    """Code of a page, as it stands between its fences or behind its indent."""

    page: str
    line: int
    language: str
    """What the fence says; ``sh`` where the block is indented."""
    text: str
    file: str | None
    """The name of the file that the block shows, or None: "`name`:" stands alone before it."""

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """What tests look at of a page."""

    blocks: tuple[Block, ...]
    inline_codes: tuple[str, ...]
    links: tuple[str, ...]
    headings: tuple[tuple[int, str], ...]
    """Level and text."""


@cache
def read_page(page: Path) -> Page:
    """Return what is on a page."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text())
    blocks, headings = [], []
    for number, token in enumerate(tokens):
        if token.type in ("fence", "code_block"):
            blocks.append(_block(name_of(page), token, tokens[:number]))
        elif token.type == "heading_open":
            headings.append((int(token.tag[1:]), _plain(tokens[number + 1])))
    inline = [child for token in tokens for child in token.children or []]
    return Page(
        tuple(blocks),
        tuple(child.content for child in inline if child.type == "code_inline"),
        tuple(str(child.attrs["href"]) for child in inline if child.type == "link_open"),
        tuple(headings),
    )


def _block(page: str, token: Token, before: list[Token]) -> Block:
    assert token.map is not None
    named = None
    if len(before) >= 2 and before[-1].type == "paragraph_close":
        named = _FILE_NAME.match(before[-2].content)
    language = "sh" if token.type == "code_block" else token.info.strip()
    return Block(page, token.map[0] + 1, language, token.content, named[1] if named else None)


def _plain(inline: Token) -> str:
    parts = [child.content for child in inline.children or [] if child.type != "link_open"]
    return "".join(parts)


def anchor_of(heading: str) -> str:
    """Return the name by which forges link to a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")
