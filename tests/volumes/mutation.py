"""Damage bytes at random, in the ways that files get damaged and that break parsers."""

import numpy as np

_NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"65536",
    b"4294967296",
    b"9" * 30,
    b"1e308",
    b"-1e-308",
    b"nan",
    b"inf",
)
_WORDS = (
    b"",
    b"/etc/passwd",
    b"../scan.raw",
    b"LIST",
    b"none",
    b"\xff\xfe",
    b"\n",
    b"(1,0,0)",
    b"raw",
)
_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFF)
_HEADER_BYTES = 512


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Change content in one to four places, mostly in its header."""
    for _ in range(rng.integers(1, 5)):
        mutation = _MUTATIONS[rng.integers(len(_MUTATIONS))]
        content = mutation(content, _position(content, rng), rng)
    return content


def _position(content: bytes, rng: np.random.Generator) -> int:
    end = len(content) if rng.random() < 0.3 else min(len(content), _HEADER_BYTES)
    return int(rng.integers(end)) if end else 0


def _set_byte(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    byte = rng.integers(256) if rng.random() < 0.5 else _BYTES[rng.integers(len(_BYTES))]
    return content[:at] + bytes([byte]) + content[at + 1 :]


def _set_bytes(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    at -= at % 4
    return content[:at] + rng.bytes(4) + content[at + 4 :]


def _flip_bit(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    flipped = bytes(byte ^ (1 << rng.integers(8)) for byte in content[at : at + 1])
    return content[:at] + flipped + content[at + 1 :]


def _cut(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at]


def _drop(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at] + content[at + rng.integers(1, 64) :]


def _repeat(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at] + content[at : at + rng.integers(1, 64)] * 2 + content[at:]


def _drop_line(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at) + 1
    return content[:start] + content[end or len(content) :]


def _change_number(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return _change_word(content, at, _NUMBERS[rng.integers(len(_NUMBERS))])


def _change_text(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return _change_word(content, at, _WORDS[rng.integers(len(_WORDS))])


def _change_word(content: bytes, at: int, word: bytes) -> bytes:
    """Replace what is between blanks, as in a header of text."""
    start = max(content.rfind(blank, 0, at) for blank in (b" ", b"\n", b"=")) + 1
    ends = [end for blank in (b" ", b"\n", b"\r") if (end := content.find(blank, at)) >= 0]
    return content[:start] + word + content[min(ends, default=len(content)) :]


_MUTATIONS = (
    _set_byte,
    _set_bytes,
    _flip_bit,
    _cut,
    _drop,
    _repeat,
    _drop_line,
    _change_number,
    _change_text,
)
