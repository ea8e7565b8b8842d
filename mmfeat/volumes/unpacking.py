"""Unpack gzip, zlib and bzip2 on the way from a file into an array."""

import bz2
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast

import numpy as np
from isal import igzip_lib
from numpy.typing import NDArray

from mmfeat.errors import one_line

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Packing = Literal["none", "gzip", "zlib", "bzip2"]

_IsalError = cast("type[Exception]", igzip_lib.error)  # isal's types call it an instance
GZIP_MAGIC = b"\x1f\x8b"
_PACKED_BLOCK_BYTES = 256 * 1024
_BLOCK_BYTES = 2**20
"""Both fit into a core's cache; larger blocks would take longer to copy, smaller ones would fight
for the interpreter lock more often."""


class _Unpacker(Protocol):
    """What the decompressors of ISA-L and bz2 have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, packed: bytes, /, max_length: int = -1) -> bytes: ...


_UNPACKERS: dict[Packing, tuple[Callable[[], _Unpacker], bytes]] = {
    "gzip": (lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP), GZIP_MAGIC),
    "zlib": (lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_ZLIB), b""),
    "bzip2": (bz2.BZ2Decompressor, b"BZh"),
}
"""How to unpack one member, and how the next one begins; zlib streams have only one."""


class PackedError(Exception):
    """Packed data is damaged, or ends too early."""


class UnpackedStream(io.RawIOBase):
    """Read what is packed in a file, forward only, with every checksum on the way compared.

    gzip and zlib are unpacked by ISA-L, two to three times as fast as by zlib itself. The
    interpreter lock is free meanwhile, so threads read side by side. A stream of several members is
    one; zeros after a member are padding, as they are to gzip.
    """

    def __init__(self, file: io.FileIO, packing: Packing) -> None:
        self._file = file
        self._make_unpacker, self._magic = _UNPACKERS[packing]
        self._unpacker = self._make_unpacker()
        self._pending = b""
        self._ended = False
        self.has_stray_bytes = False
        """Whether something follows the last member that is no packed data; known at the end."""

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Write up to a block of unpacked bytes; return their number, 0 at the end.

        Raises:
            PackedError: The file is not packed this way, ends in the middle of a member, or a
                checksum differs.
        """
        view = memoryview(buffer)
        while len(view) and not self._ended:
            block = self._unpack(most=min(len(view), _BLOCK_BYTES))
            if self._unpacker.eof:
                self._begin_next()
            if block:
                view[: len(block)] = block
                return len(block)
        return 0

    def _unpack(self, *, most: int) -> bytes:
        packed = b""
        if self._unpacker.needs_input:
            packed = self._pending or self._file.read(_PACKED_BLOCK_BYTES)
            self._pending = b""
            if not packed:
                raise PackedError("it ends too early")
        try:
            return self._unpacker.decompress(packed, most)
        except (_IsalError, EOFError, OSError) as error:  # bz2 raises the last two
            raise PackedError(one_line(error)) from error

    def _begin_next(self) -> None:
        rest = self._unpacker.unused_data.lstrip(b"\0")
        while len(rest) <= len(self._magic):
            more = self._file.read(_PACKED_BLOCK_BYTES)
            if not more:
                break
            rest = (rest + more).lstrip(b"\0")
        if self._magic and rest.startswith(self._magic):
            self._unpacker, self._pending = self._make_unpacker(), rest
        else:
            self._ended, self.has_stray_bytes = True, bool(rest)


@contextmanager
def open_unpacked(file: Path, packing: Packing, *, at: int = 0) -> Iterator[io.RawIOBase]:
    """Open a file to be read forward from a byte on, unpacked on the way if it is packed."""
    with file.open("rb", buffering=0) as raw:
        raw.seek(at)
        yield raw if packing == "none" else UnpackedStream(raw, packing)


def fill(stream: io.RawIOBase, array: NDArray[np.uint8]) -> int:
    """Read into an array until it is full or the stream ends; return the number of bytes."""
    view = array.data
    n_filled = 0
    while n_filled < len(view):
        n_read = stream.readinto(view[n_filled:])
        if not n_read:
            break
        n_filled += n_read
    return n_filled
