"""Unfold a DICOM file in the deflated transfer syntax, up to a sane size."""

import struct
import zlib

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_PLAIN = b"1.2.840.10008.1.2.1\0\0\0"
_META_FROM = 132
_META_LENGTH = struct.Struct("<8xI")
"""The first element of the meta information, which says how long the rest of it is."""
_LARGEST_BYTES = 4 * 2**30


def is_deflated(start: bytes) -> bool:
    """Say whether a file that starts with these bytes is deflated behind its meta information."""
    return _DEFLATED in start[: _meta_end(start)]


def inflate(content: bytes) -> bytes:
    """Return the same object as explicit little endian, which is what was deflated.

    Raises:
        ValueError: It is truncated, damaged, or would unfold to an absurd size.
    """
    end = _meta_end(content)
    unfold = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = unfold.decompress(content[end:], _LARGEST_BYTES)
    except zlib.error as error:
        raise ValueError(f"damaged deflated data: {error}") from error
    if not unfold.eof:
        raise ValueError("deflated data that are truncated, or unfold to more than 4 GiB")
    return content[:end].replace(_DEFLATED, _PLAIN) + inflated


def _meta_end(content: bytes) -> int:
    if len(content) < _META_FROM + _META_LENGTH.size:
        return len(content)
    (length,) = _META_LENGTH.unpack_from(content, _META_FROM)
    return _META_FROM + _META_LENGTH.size + int(length)
