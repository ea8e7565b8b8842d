"""Find the compressed frames of a DICOM file."""

import io
import struct
from bisect import bisect_right
from typing import BinaryIO

_ITEM = b"\xfe\xff\x00\xe0"
_DELIMITER = b"\xfe\xff\xdd\xe0"
_HEAD_BYTES = 8
_END_OF_IMAGE = b"\xff\xd9"
"""Closes a JPEG, JPEG-LS or JPEG 2000 frame; a byte may follow it, to make the length even."""

Fragment = tuple[int, int]
"""Where a fragment begins in its file, and how many bytes it has."""


def find_frames(stream: BinaryIO, *, offset: int, n_frames: int) -> list[list[Fragment]]:
    """Return the fragments of each frame.

    A frame is mostly one fragment. Where it is several, the basic offset table says which; if that
    is empty, a frame ends with the fragment that ends as a JPEG does.

    Args:
        stream: The file, which can be read in any order.
        offset: Where the value of PixelData begins, with the offset table.
        n_frames: How many there should be.

    Raises:
        ValueError: The fragments are truncated, damaged, or are not that many frames.
    """
    (table_at, table_bytes), *fragments = _fragments(stream, offset)
    if n_frames == 1:
        frames = [fragments]
    elif len(fragments) == n_frames:
        frames = [[fragment] for fragment in fragments]
    else:
        stream.seek(table_at)
        table = struct.unpack(f"<{table_bytes // 4}I", stream.read(table_bytes // 4 * 4))
        first_at = table_at + table_bytes
        frames = (
            _frames_starting_at(fragments, [first_at + start + _HEAD_BYTES for start in table])
            if table
            else _frames_ended_by_marker(stream, fragments)
        )
    if len(frames) != n_frames or not all(frames):
        raise ValueError(f"{len(fragments)} fragments, which are not {n_frames} frames")
    return frames


def _fragments(stream: BinaryIO, offset: int) -> list[Fragment]:
    """Return all items, the offset table first; walks over their heads only."""
    size_bytes = stream.seek(0, io.SEEK_END)
    items: list[Fragment] = []
    at = offset
    while True:
        stream.seek(at)
        head = stream.read(_HEAD_BYTES)
        if items and (head[:4] == _DELIMITER or not head):  # some writers forget the delimiter
            return items
        length = struct.unpack_from("<I", head, 4)[0] if len(head) == _HEAD_BYTES else -1
        if head[:4] != _ITEM or not 0 <= length <= size_bytes - at - _HEAD_BYTES:
            raise ValueError(f"truncated or damaged in fragment {len(items)}")
        items.append((at + _HEAD_BYTES, length))
        at += _HEAD_BYTES + length


def _frames_starting_at(fragments: list[Fragment], starts: list[int]) -> list[list[Fragment]]:
    frames: list[list[Fragment]] = [[] for _ in starts]
    for fragment in fragments:
        frames[max(bisect_right(starts, fragment[0]) - 1, 0)].append(fragment)
    return frames


def _frames_ended_by_marker(stream: BinaryIO, fragments: list[Fragment]) -> list[list[Fragment]]:
    frames: list[list[Fragment]] = []
    is_open = False
    for at, length in fragments:
        if not is_open:
            frames.append([])
        frames[-1].append((at, length))
        stream.seek(max(at, at + length - len(_END_OF_IMAGE) - 1))
        is_open = _END_OF_IMAGE not in stream.read(min(length, len(_END_OF_IMAGE) + 1))
    return frames
