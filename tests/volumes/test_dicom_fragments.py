import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import encapsulate, generate_frames

from mmfeat.volumes.dicom_fragments import find_frames

ENDED = [b"\xff\xd8" + bytes([number] * 40) + b"\xff\xd9" for number in range(4)]


def _frames(content: bytes, n_frames: int) -> list[bytes]:
    stream = io.BytesIO(b"header" + content)
    found = find_frames(stream, offset=6, n_frames=n_frames)
    return [b"".join(stream.getvalue()[at : at + n] for at, n in frame) for frame in found]


@pytest.mark.parametrize("per_frame", [1, 3])
@pytest.mark.parametrize("has_table", [True, False])
def test_frames_are_found_with_and_without_a_table(per_frame: int, has_table: bool) -> None:
    content = encapsulate(ENDED, fragments_per_frame=per_frame, has_bot=has_table)
    assert _frames(content, 4) == ENDED


def test_a_single_frame_takes_all_fragments() -> None:
    content = encapsulate([bytes(range(100))], fragments_per_frame=5, has_bot=False)
    assert _frames(content, 1) == [bytes(range(100))]


def test_the_closing_delimiter_may_be_missing() -> None:
    assert _frames(encapsulate(ENDED, has_bot=False), 4) == ENDED


def test_a_delimiter_inside_a_fragment_is_no_delimiter() -> None:
    frame = b"\xfe\xff\xdd\xe0\0\0\0\0" * 3
    assert _frames(encapsulate([frame, frame], has_bot=False), 2) == [frame, frame]


@given(
    frames=st.lists(st.binary(min_size=2, max_size=30).filter(lambda frame: len(frame) % 2 == 0)),
    n_fragments=st.integers(1, 3),
)
def test_a_table_always_tells_frames_apart(frames: list[bytes], n_fragments: int) -> None:
    long_frames = [frame * 6 for frame in frames] or [b"one frame at least"]
    content = encapsulate(long_frames, fragments_per_frame=n_fragments)
    n_frames = len(long_frames)
    assert _frames(content, n_frames) == list(generate_frames(content, number_of_frames=n_frames))


@given(content=st.binary(max_size=100), n_frames=st.integers(1, 4))
def test_any_bytes_are_frames_or_a_value_error(content: bytes, n_frames: int) -> None:
    try:
        found = _frames(b"\xfe\xff\x00\xe0\0\0\0\0" + content, n_frames)
    except ValueError as error:
        assert "fragment" in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert len(found) == n_frames


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encapsulate(ENDED)[:-30], "truncated or damaged in fragment 4"),
        (encapsulate(ENDED)[:20], "truncated or damaged in fragment 0"),
        (struct.pack("<4sI", b"\xfe\xff\xdd\xe0", 0), "truncated or damaged in fragment 0"),
        (encapsulate(ENDED[:3]), "3 fragments, which are not 4 frames"),
        (encapsulate(ENDED[:3], has_bot=False), "3 fragments, which are not 4 frames"),
    ],
)
def test_what_is_not_all_there_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _frames(content, 4)
