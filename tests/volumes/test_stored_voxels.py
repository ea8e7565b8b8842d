import bz2
import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.stored_voxels import StoredVoxels, read_hu
from mmfeat.volumes.unpacking import Packing

SHAPE = (20, 512, 512)
PACKERS: dict[Packing, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
}


@contextmanager
def peak_below(n_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < n_bytes
    finally:
        tracemalloc.stop()


def _voxels(folder: Path, stored: NDArray[Any], packing: Packing, **changes: Any) -> StoredVoxels:
    file = folder / "voxels"
    file.write_bytes(PACKERS[packing](stored.tobytes()))
    return StoredVoxels(
        **{"file": file, "shape": stored.shape, "dtype": stored.dtype, "packing": packing} | changes
    )


def _read(voxels: StoredVoxels) -> tuple[NDArray[Any], list[str]]:
    hu, notes = read_hu(voxels.file, voxels)
    return hu, [note.code for note in notes]


@pytest.mark.parametrize(
    ("packing", "dtype", "becomes"),
    [
        *[(packing, "<i2", "i2") for packing in PACKERS],
        *[("gzip", dtype, "i2") for dtype in (">i2", "<u2", "<i4")],
        *[("gzip", dtype, "f4") for dtype in ("<f4", "<f8")],
        ("none", ">f8", "f4"),
    ],
)
def test_nothing_is_in_memory_twice(
    tmp_path: Path, packing: Packing, dtype: str, becomes: str
) -> None:
    stored = np.zeros(SHAPE, dtype)
    stored[0] = np.random.default_rng(0).integers(0, 100, SHAPE[1:])
    voxels = _voxels(tmp_path, stored, packing)
    with peak_below(np.dtype(becomes).itemsize * stored.size + 8_000_000):
        hu, notes = _read(voxels)
    np.testing.assert_array_equal(hu, stored)
    assert hu.dtype == becomes
    assert notes == []


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<i4", "<u8"])
def test_numbers_that_int16_cannot_hold_are_read_again_as_float32(
    tmp_path: Path, dtype: str
) -> None:
    stored = np.zeros(SHAPE, dtype)
    stored[-1, -1, -1] = 40_000
    voxels = _voxels(tmp_path, stored, "gzip", intercept=-1)
    with peak_below(4 * stored.size + 8_000_000):
        hu, _ = _read(voxels)
    assert hu.dtype == np.float32
    np.testing.assert_array_equal(hu, stored.astype(np.float32) - 1)


@pytest.mark.parametrize("packing", PACKERS)
def test_bytes_may_be_skipped_before_the_voxels(tmp_path: Path, packing: Packing) -> None:
    stored = np.arange(3_000_000, dtype=np.int16).reshape(3, 1000, 1000)
    voxels = _voxels(tmp_path, stored, packing, shape=(1, 500, 500), skipped_bytes=5_500_000)
    np.testing.assert_array_equal(_read(voxels)[0].ravel(), stored.ravel()[2_750_000:])


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("shape", [(60_000, 60_000, 60_000), (4000, 1000, 1000)])
def test_a_size_that_the_file_cannot_hold_is_refused_before_memory_is_set_aside(
    tmp_path: Path, packing: Packing, shape: tuple[int, int, int]
) -> None:
    voxels = _voxels(tmp_path, np.zeros((2, 3, 4), np.int16), packing, shape=shape)
    with peak_below(100_000), pytest.raises(VolumeError, match=r"more than any CT|truncated"):
        _read(voxels)


@pytest.mark.parametrize("packing", ["gzip", "zlib", "bzip2"])
def test_a_bomb_is_refused_soon_after_the_promised_size(tmp_path: Path, packing: Packing) -> None:
    voxels = _voxels(tmp_path, np.zeros((50, 1000, 1000), np.uint8), packing, shape=(2, 3, 4))
    with (
        peak_below(4_000_000),
        pytest.raises(VolumeError, match="goes on for more than 1048576 bytes after the voxels"),
    ):
        _read(voxels)


@pytest.mark.parametrize("packing", PACKERS)
def test_a_few_bytes_too_many_are_noted(tmp_path: Path, packing: Packing) -> None:
    voxels = _voxels(tmp_path, np.zeros((2, 3, 5), np.int16), packing, shape=(2, 3, 4))
    hu, notes = read_hu(voxels.file, voxels)
    assert hu.shape == (2, 3, 4)
    assert [note.detail for note in notes] == ["12 bytes follow the last voxel"]


def test_something_behind_the_packed_voxels_is_noted(tmp_path: Path) -> None:
    voxels = _voxels(tmp_path, np.zeros((2, 3, 4), np.int16), "gzip")
    with voxels.file.open("ab") as stream:
        stream.write(b"signature")
    assert _read(voxels)[1] == ["trailing-bytes"]


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("skipped_bytes", [0, 30])
def test_a_stream_that_ends_before_its_last_voxel_is_truncated(
    tmp_path: Path, packing: Packing, skipped_bytes: int
) -> None:
    voxels = _voxels(
        tmp_path, np.zeros(24, np.uint8), packing, shape=(2, 3, 5), skipped_bytes=skipped_bytes
    )
    promised = 30 + skipped_bytes
    with pytest.raises(VolumeError, match=f"promises {promised} bytes, 24 are there"):
        _read(voxels)


def test_a_wrong_checksum_at_the_very_end_is_damage(tmp_path: Path) -> None:
    voxels = _voxels(tmp_path, np.zeros((2, 3, 4), np.int16), "gzip")
    content = voxels.file.read_bytes()
    voxels.file.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
    with pytest.raises(VolumeError, match="truncated or damaged gzip file"):
        _read(voxels)


@pytest.mark.parametrize("dtype", ["c8", "V3", "S2", "?"])
def test_voxels_that_are_no_real_numbers_are_refused(tmp_path: Path, dtype: str) -> None:
    with pytest.raises(VolumeError, match="a CT has one real number for each"):
        _read(_voxels(tmp_path, np.zeros((2, 3, 4), dtype), "none"))


def test_the_file_with_the_voxels_is_named_if_it_is_another(tmp_path: Path) -> None:
    voxels = _voxels(tmp_path, np.zeros(5, np.uint8), "none", shape=(2, 3, 4))
    with pytest.raises(VolumeError, match=r"scan\.mhd: voxels: truncated"):
        read_hu(tmp_path / "scan.mhd", voxels)


def test_memory_that_is_not_there_is_a_fault_of_this_one_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voxels = _voxels(tmp_path, np.zeros((2, 3, 4), np.int16), "none")

    def refuse(shape: object, dtype: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "empty", refuse)
    with pytest.raises(VolumeError, match="too large for this machine's memory"):
        _read(voxels)
