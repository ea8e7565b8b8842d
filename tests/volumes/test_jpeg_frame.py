from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.encaps import get_frame

from mmfeat.volumes.jpeg_frame import require_sound_head

SYNTAXES = ["JPEG lossless", "JPEG-LS", "JPEG 2000"]
SIZE = (12, 10)


@pytest.fixture(scope="module")
def frames(
    tmp_path_factory: pytest.TempPathFactory,
    series: Callable[..., Any],
    compress: Callable[[Path, str], None],
) -> dict[str, bytes]:
    """One sound frame of each compression, made by GDCM."""
    found = {}
    for syntax in SYNTAXES:
        folder = series().write(tmp_path_factory.mktemp("frames") / "scan")
        compress(folder, syntax)
        pixels = dcmread(folder / "000.dcm").PixelData
        found[syntax] = get_frame(pixels, 0, number_of_frames=1)
    return found


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_sound_frames_pass(frames: dict[str, bytes], syntax: str) -> None:
    require_sound_head(frames[syntax], size=SIZE)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_frames_of_another_size_are_refused(frames: dict[str, bytes], syntax: str) -> None:
    with pytest.raises(ValueError, match=r"JPEG of \(12, 10\) pixels"):
        require_sound_head(frames[syntax], size=(12, 11))


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("length", [0, 1, 2, 5, 12, 20])
def test_cut_heads_are_refused(frames: dict[str, bytes], syntax: str, length: int) -> None:
    with pytest.raises(ValueError, match="damaged JPEG head"):
        require_sound_head(frames[syntax][:length], size=SIZE)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("filler", [b"\x00", b"\xff"])
def test_overwritten_heads_are_refused(
    frames: dict[str, bytes], syntax: str, filler: bytes
) -> None:
    with pytest.raises(ValueError, match="damaged JPEG head"):
        require_sound_head(filler * 64 + frames[syntax][64:], size=SIZE)


def test_a_jpeg_2000_of_27_bits_is_refused(frames: dict[str, bytes]) -> None:
    head = bytearray(frames["JPEG 2000"])
    head[42] = 26  # GDCM 3.2 would end the process here
    with pytest.raises(ValueError, match="damaged JPEG head"):
        require_sound_head(bytes(head), size=SIZE)


def test_a_whole_jp2_file_is_looked_into(frames: dict[str, bytes]) -> None:
    box = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\x00" * 60
    require_sound_head(box + frames["JPEG 2000"], size=SIZE)


def test_fill_bytes_between_segments_are_allowed(frames: dict[str, bytes]) -> None:
    frame = frames["JPEG-LS"]
    require_sound_head(frame[:2] + b"\xff\xff" + frame[2:], size=SIZE)


@given(content=st.binary(max_size=80), start=st.sampled_from([b"\xff\xd8", b"\xff\x4f\xff\x51"]))
def test_any_bytes_pass_or_are_a_value_error(content: bytes, start: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        require_sound_head(start + content, size=(1, 70_000))  # a size that no JPEG can have
