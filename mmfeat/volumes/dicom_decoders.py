"""Decode one compressed frame; every decoder here leaves the interpreter to other threads."""

import math
import struct
from collections.abc import Callable

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.jpeg_frame import JpegHead, require_sound_head

_RLE_HEAD = struct.Struct("<16I")
"""How many segments, and where each begins."""


def decode_rle(frame: bytes, *, size: tuple[int, int], n_bytes: int) -> NDArray[np.integer]:
    """Decode a run-length encoded frame: a segment for each byte of a pixel, the highest first.

    Shape:
        - Output: ``(rows, columns)``, unsigned integers of that many bytes.

    Raises:
        ValueError: The frame is damaged, or of another size.
        RuntimeError: A segment is no packed bits.
    """
    if len(frame) < _RLE_HEAD.size:
        raise ValueError("damaged RLE head")
    n_segments, *starts = _RLE_HEAD.unpack_from(frame)
    if n_segments != n_bytes:
        raise ValueError(f"{n_segments} RLE segments for {n_bytes} bytes")
    ends = [*starts[1:n_segments], len(frame)]
    values = np.empty((*size, n_bytes), np.uint8)
    for byte, start, end in zip(reversed(range(n_bytes)), starts, ends, strict=False):
        decoded = imagecodecs.packbits_decode(frame[start:end])
        # What follows the last pixel pads the segment to an even length.
        values[..., byte] = np.frombuffer(decoded, np.uint8, math.prod(size)).reshape(size)
    return values.view(f"<u{n_bytes}")[..., 0]


def decode_jpeg(frame: bytes, *, size: tuple[int, int]) -> tuple[NDArray[np.integer], JpegHead]:
    """Decode a frame of any process of JPEG, JPEG-LS or JPEG 2000, with what its head says.

    The head decides which decoder is taken: transfer syntaxes have been seen to lie.

    Shape:
        - Output: ``(rows, columns)``.

    Raises:
        ValueError: The head is damaged, or belongs to another picture.
        RuntimeError: The decoder cannot make sense of the rest.
    """
    head = require_sound_head(frame, size=size)
    values = np.asarray(_DECODERS[head.family](frame))
    if values.shape != size:
        raise ValueError(f"{values.shape} pixels")
    return values, head


_DECODERS: dict[str, Callable[[bytes], NDArray[np.integer]]] = {
    "JPEG": imagecodecs.jpeg8_decode,
    "JPEG-LS": imagecodecs.jpegls_decode,
    "JPEG 2000": lambda frame: imagecodecs.jpeg2k_decode(frame, verbose=0),
}
