import bz2
import gzip
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmfeat.volumes.unpacking import PackedError, Packing, fill, open_unpacked

PACKERS: dict[Packing, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
}
PACKED: list[Packing] = ["gzip", "zlib", "bzip2"]


@pytest.fixture(scope="module")
def content() -> bytes:
    """More than two blocks, half of them noise and half of them empty."""
    return np.random.default_rng(0).bytes(1_500_000) + bytes(1_500_000)


def _unpacked(
    folder: Path, packed: bytes, packing: Packing, *, at: int = 0, most: int = 10**7
) -> tuple[bytes, bool]:
    """Return what is in the stream, and whether it says that something else follows."""
    file = folder / "packed"
    file.write_bytes(packed)
    out = np.empty(most, np.uint8)
    with open_unpacked(file, packing, at=at) as stream:
        n_bytes = fill(stream, out)
        return out[:n_bytes].tobytes(), getattr(stream, "has_stray_bytes", False)


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("at", [0, 77])
def test_what_was_packed_is_unpacked(
    tmp_path: Path, content: bytes, packing: Packing, at: int
) -> None:
    packed = b"x" * at + PACKERS[packing](content)
    assert _unpacked(tmp_path, packed, packing, at=at) == (content, False)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=st.lists(st.binary(max_size=300), min_size=1, max_size=6),
    n_zeros=st.integers(0, 3),
    packing=st.sampled_from(["gzip", "bzip2"]),
)
def test_several_members_are_one_stream_with_zeros_as_padding(
    tmp_path: Path, parts: list[bytes], n_zeros: int, packing: Packing
) -> None:
    packed = b"".join(PACKERS[packing](part) + bytes(n_zeros) for part in parts)
    assert _unpacked(tmp_path, packed, packing) == (b"".join(parts), False)


def test_many_small_members_as_bgzip_makes_them_are_one_stream(
    tmp_path: Path, content: bytes
) -> None:
    step = 65_280
    parts = [content[start : start + step] for start in range(0, len(content), step)]
    packed = b"".join(map(gzip.compress, [*parts, b""]))
    assert _unpacked(tmp_path, packed, "gzip") == (content, False)


def test_every_optional_field_of_a_gzip_header_is_passed_over(tmp_path: Path) -> None:
    plain = zlib.compressobj(wbits=-15)
    body = plain.compress(b"voxels") + plain.flush()
    head = b"\x1f\x8b\x08\x1f" + bytes(6) + struct.pack("<H", 4) + b"more" + b"name\0" + b"why\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    packed = head + body + struct.pack("<II", zlib.crc32(b"voxels"), 6)
    assert gzip.decompress(packed) == b"voxels"
    assert _unpacked(tmp_path, packed, "gzip") == (b"voxels", False)


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("stray", [b"\x1f", b"garbage" * 100, bytes(10) + b"B"])
def test_what_follows_the_last_member_is_told(
    tmp_path: Path, packing: Packing, stray: bytes
) -> None:
    packed = PACKERS[packing](b"voxels") + stray
    assert _unpacked(tmp_path, packed, packing) == (b"voxels", True)


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("kept", [0, 1, 5, 1000, -1])
def test_a_truncated_stream_is_damage(
    tmp_path: Path, content: bytes, packing: Packing, kept: int
) -> None:
    with pytest.raises(PackedError, match="it ends too early"):
        _unpacked(tmp_path, PACKERS[packing](content)[:kept], packing)


@pytest.mark.parametrize(
    ("packing", "position", "reason"),
    [
        ("gzip", -8, "(?i)checksum"),
        ("gzip", -1, "(?i)checksum"),  # the length is part of it
        ("zlib", -1, "(?i)checksum"),
        ("bzip2", 12, "Invalid data stream"),
        ("gzip", 0, "(?i)invalid"),
        ("zlib", 0, "(?i)invalid|unsupported|checksum"),
        ("bzip2", 0, "Invalid data stream"),
    ],
)
def test_one_wrong_byte_is_damage(
    tmp_path: Path, content: bytes, packing: Packing, position: int, reason: str
) -> None:
    packed = bytearray(PACKERS[packing](content))
    packed[position] ^= 0xFF
    with pytest.raises(PackedError, match=reason):
        _unpacked(tmp_path, bytes(packed), packing)


@pytest.mark.parametrize("packing", PACKED)
def test_a_bomb_takes_no_more_memory_than_is_asked_for(tmp_path: Path, packing: Packing) -> None:
    packed = PACKERS[packing](bytes(50_000_000))
    tracemalloc.start()
    unpacked, _ = _unpacked(tmp_path, packed, packing, most=1000)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert unpacked == bytes(1000)
    assert peak_bytes < 2_000_000


def test_nothing_is_read_into_nothing(tmp_path: Path) -> None:
    assert _unpacked(tmp_path, gzip.compress(b"voxels"), "gzip", most=0) == (b"", False)


def test_threads_unpack_side_by_side(tmp_path: Path, content: bytes) -> None:
    folders = [tmp_path / str(number) for number in range(8)]
    for folder in folders:
        folder.mkdir()
    packed = gzip.compress(content)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda folder: _unpacked(folder, packed, "gzip"), folders))
    assert results == [(content, False)] * 8
