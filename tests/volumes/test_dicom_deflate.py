import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import DeflatedExplicitVRLittleEndian

from mmfeat.errors import VolumeError
from mmfeat.volumes import dicom_deflate, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]


@pytest.fixture
def deflated(tmp_path: Path, series: Plan) -> Path:
    return series(syntax=DeflatedExplicitVRLittleEndian).write(tmp_path / "scan")


def test_a_deflated_series_is_read(deflated: Path, body_hu: HU) -> None:
    np.testing.assert_array_equal(read_volume(deflated).hu, body_hu)


def test_a_deflated_multi_frame_file_is_read(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    plan = series(syntax=DeflatedExplicitVRLittleEndian)
    file = plan.write_multi_frame(tmp_path / "scan.dcm")
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


@pytest.mark.parametrize("change", [lambda content: content[:-40], lambda content: content[:380]])
def test_truncated_data_are_named(deflated: Path, change: Callable[[bytes], bytes]) -> None:
    file = deflated / "002.dcm"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(
        VolumeError, match=r"002\.dcm: broken DICOM file: deflated data that are trun"
    ):
        read_volume(deflated)


def test_damaged_data_are_named(deflated: Path) -> None:
    file = deflated / "002.dcm"
    content = file.read_bytes()
    start = 144 + int.from_bytes(content[140:144], "little")
    file.write_bytes(content[:start] + b"\xff" * 200)
    with pytest.raises(VolumeError, match=r"002\.dcm: broken DICOM file: damaged deflated data"):
        read_volume(deflated)


def test_a_bomb_is_not_unfolded(deflated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom_deflate, "_LARGEST_BYTES", 2**20)
    file = deflated / "002.dcm"
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = pack.compress(bytes(2**26)) + pack.flush()
    head = file.read_bytes()
    head = head[: 144 + int.from_bytes(head[140:144], "little")]
    file.write_bytes(head + bomb)
    tracemalloc.start()
    with pytest.raises(VolumeError, match="or unfold to more than"):
        read_volume(deflated)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()
