"""Read the stored values of a file's frames, in whatever way they are stored."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import RLELossless

from mmfeat.errors import one_line
from mmfeat.volumes.dicom_decoders import decode_jpeg, decode_rle
from mmfeat.volumes.dicom_fragments import find_frames
from mmfeat.volumes.dicom_layout import PixelLayout


class Stored(NamedTuple):
    """Hold the values of one frame, before they are rescaled."""

    values: NDArray[np.integer]
    """Signed or unsigned, of 8, 16 or 32 bits: ``(rows, columns)``."""
    is_contradictory: bool = False
    """Whether header and frame contradict each other on signs; the header is followed."""


def read_stored(layout: PixelLayout, frames: Sequence[int]) -> Iterator[Stored]:
    """Yield the stored values of some frames of a file, counted from 0, in the order asked for.

    Raises:
        VolumeError: The pixels are truncated, damaged, or compressed in an unknown way.
    """
    for frame in read_encoded(layout, frames):
        try:
            yield _decoded(layout, frame)
        except Exception as error:  # each decoder raises its own
            raise layout.damaged(f"{layout.syntax.name}: {one_line(error)}") from error


def read_encoded(layout: PixelLayout, frames: Sequence[int]) -> Iterator[bytes]:
    """Yield the bytes of some frames as they lie in the file, compressed or not.

    Raises:
        VolumeError: They are truncated or damaged.
    """
    element = layout.sound_element()
    try:
        with layout.file.open() as stream:
            if layout.is_compressed:
                found = find_frames(stream, offset=element.offset, n_frames=layout.n_frames)
            else:
                at, n_bytes = element.offset, layout.frame_bytes
                found = [[(at + index * n_bytes, n_bytes)] for index in range(layout.n_frames)]
            for frame in frames:
                yield b"".join(_read(stream, *fragment) for fragment in found[frame])
    except Exception as error:  # the file, the archive and zlib each raise their own
        raise layout.damaged(one_line(error)) from error


def _read(stream: BinaryIO, at: int, n_bytes: int) -> bytes:
    stream.seek(at)
    return stream.read(n_bytes)


def _decoded(layout: PixelLayout, frame: bytes) -> Stored:
    if not layout.is_compressed:
        order = "<" if layout.little_endian else ">"
        dtype = np.dtype(f"{order}u{layout.bits_allocated // 8}")
        values = np.frombuffer(frame, dtype).reshape(layout.size).astype(dtype.type, copy=False)
    elif layout.syntax == RLELossless:
        values = decode_rle(frame, size=layout.size, n_bytes=layout.bits_allocated // 8)
    else:
        values, head = decode_jpeg(frame, size=layout.size)
        numbers = as_numbers(values, bits=head.bits, signed=layout.signed)
        return Stored(numbers, head.signed not in (None, layout.signed))
    below = layout.high_bit + 1 - layout.bits_stored
    values = values >> below if below else values
    return Stored(as_numbers(values, bits=layout.bits_stored, signed=layout.signed))


def as_numbers(values: NDArray[np.integer], *, bits: int, signed: bool) -> NDArray[np.integer]:
    """Take the lowest bits as a number with or without a sign; those above may hold anything.

    Example:
        >>> as_numbers(np.array([0xA064, 0xAFFF], np.uint16), bits=12, signed=True)
        array([100,  -1], dtype=int16)
    """
    values = values.view(f"{'i' if signed else 'u'}{values.itemsize}")
    above = values.itemsize * 8 - bits
    if not above:
        return values
    return (values << above) >> above if signed else values & ((1 << bits) - 1)
