"""Look at the head of a JPEG, JPEG-LS or JPEG 2000 frame before a C library does.

The head alone decides how much memory a decoder takes, and some end the whole process on a damaged
one, where they should raise an error. One damaged scan must not end a job of many, so the head is
walked here first; the decoder reports the rest.
"""

import struct
from dataclasses import dataclass
from typing import Literal

_START_OF_IMAGE = b"\xff\xd8"
_START_OF_SCAN = 0xDA
_JPEG_LS = 0xF7
_START_OF_FRAME = {0xC0, 0xC1, 0xC3, _JPEG_LS}
"""Baseline, extended, lossless, JPEG-LS: the processes that DICOM allows."""
_OTHER_SEGMENTS = {0xC4, 0xDB, 0xDD, 0xF8, 0xFE, *range(0xE0, 0xF0)}
"""Huffman tables, quantisation, restart interval, JPEG-LS parameters, comment, application data."""
_J2K_START = b"\xff\x4f\xff\x51"
_J2K_START_OF_TILE = 0xFF90
_JP2_START = b"\x00\x00\x00\x0cjP  "
_MOST_BITS = 16


@dataclass(frozen=True)
class JpegHead:
    """Hold what a frame says of itself."""

    family: Literal["JPEG", "JPEG-LS", "JPEG 2000"]
    size: tuple[int, int]
    """Rows and columns."""
    bits: int
    """Of a value."""
    signed: bool | None = None
    """Only JPEG 2000 knows of signs; the others hold the bits of a number, whatever they mean."""


def require_sound_head(frame: bytes, *, size: tuple[int, int]) -> JpegHead:
    """Refuse a frame that does not begin as a JPEG of one colour and of this size.

    Args:
        frame: The compressed bytes of one slice.
        size: Rows and columns, as the DICOM header has them.

    Raises:
        ValueError: The head is damaged, or belongs to another picture.
    """
    if frame.startswith(_JP2_START):  # a whole JP2 file, against the standard
        frame = frame[max(frame.find(_J2K_START), 0) :]
    try:
        head = _jpeg_2000_head(frame) if frame[:2] == _J2K_START[:2] else _jpeg_head(frame)
    except (struct.error, IndexError):
        head = None
    if head is None:
        raise ValueError("damaged JPEG head")
    if head.size != size:
        raise ValueError(f"JPEG of {head.size} pixels")
    return head


def _jpeg_head(frame: bytes) -> JpegHead | None:
    if not frame.startswith(_START_OF_IMAGE):
        return None
    head = None
    at = 2
    while True:
        marker, at = _next_marker(frame, at)
        (length,) = struct.unpack_from(">H", frame, at)
        if marker in _START_OF_FRAME and head is None:
            bits, rows, columns, colours = struct.unpack_from(">BHHB", frame, at + 2)
            if (length, colours) != (11, 1) or not 2 <= bits <= _MOST_BITS:
                return None
            family: Literal["JPEG-LS", "JPEG"] = "JPEG-LS" if marker == _JPEG_LS else "JPEG"
            head = JpegHead(family, (rows, columns), bits)
        elif marker == _START_OF_SCAN:
            return head
        elif marker not in _OTHER_SEGMENTS or length < 2:
            return None
        at += length


def _next_marker(frame: bytes, at: int) -> tuple[int | None, int]:
    """Return the marker at a position, and where it ends; it may begin with any number of 0xFF."""
    if frame[at] != 0xFF:
        return None, at
    while frame[at] == 0xFF:
        at += 1
    return frame[at], at + 1


def _jpeg_2000_head(frame: bytes) -> JpegHead | None:
    if not frame.startswith(_J2K_START):
        return None
    length, _, right, bottom, left, top = struct.unpack_from(">HHIIII", frame, 4)
    colours, depth, *subsampling = struct.unpack_from(">HBBB", frame, 40)
    bits = (depth & 0x7F) + 1  # the highest bit is the sign
    if (length, colours, subsampling) != (41, 1, [1, 1]) or bits > _MOST_BITS:
        return None
    at = 4 + length
    while True:
        marker, length = struct.unpack_from(">HH", frame, at)
        if marker == _J2K_START_OF_TILE:
            size = (bottom - top, right - left)
            return JpegHead("JPEG 2000", size, bits, signed=bool(depth & 0x80))
        if not 0xFF50 <= marker <= 0xFF6F or length < 2:
            return None
        at += 2 + length
