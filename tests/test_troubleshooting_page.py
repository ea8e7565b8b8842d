"""Every message that docs/troubleshooting.md quotes is one that the program can say."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PAGE = (PROJECT / "docs" / "troubleshooting.md").read_text()
VARIES = "\0"
"""What stands in a message of the source where a value is filled in."""


def _quoted() -> list[str]:
    """Return the messages of the page: what heads an entry, and the first column of its table."""
    heads = [message for line in PAGE.splitlines() for message in _heads(line)]
    rows = re.findall(r"^\| `(.+?)` \|", PAGE, re.MULTILINE)
    return [*heads, *rows]


def _heads(line: str) -> list[str]:
    start = re.match(r"(\*\*`.+?`\*\*(?:, | and | or )?)+", line)
    return re.findall(r"\*\*`(.+?)`\*\*", start[0]) if start else []


def _text(node: ast.AST) -> str | None:
    """Return what a literal, an f-string or a sum of them says; None for other expressions."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or VARIES for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (_text(left) or VARIES) + (_text(right) or VARIES)
    return None


@pytest.fixture(scope="module")
def said() -> str:
    """All texts of the program that could be part of a message, one a line."""
    texts = set()
    for folder in ("mmfeat", "cli", "data_manifests"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                text = _text(node)
                if text and (" " in text or VARIES in text):
                    texts.add(text.replace("\n", " "))
    return "\n".join(sorted(texts))


def test_the_page_has_entries_of_every_command():
    assert len(_quoted()) > 80
    assert len(set(_quoted())) == len(_quoted())


@pytest.mark.parametrize("message", _quoted())
def test_the_program_can_say_it(message, said):
    parts = [part.strip() for part in message.split("...") if part.strip()]
    assert parts
    pattern = r"[^\n]*".join(re.escape(part) for part in parts)
    assert re.search(pattern, said), f"{message!r} is nowhere in the source"
