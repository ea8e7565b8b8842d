from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, Volume, read_volume

Plan = Callable[..., Any]


@pytest.fixture(scope="module")
def damaged_folder(tmp_path_factory: pytest.TempPathFactory, series: Plan) -> tuple[Path, bytes]:
    """A series, and the bytes of one of its files, to be damaged."""
    folder = series().write(tmp_path_factory.mktemp("damaged") / "scan")
    return folder, (folder / "001.dcm").read_bytes()


def test_a_file_cut_in_its_header_is_named(tmp_path: Path, series: Plan) -> None:
    folder = series().write(tmp_path / "scan")
    file = folder / "003.dcm"
    file.write_bytes(file.read_bytes()[:700])
    with pytest.raises(VolumeError, match=r"003\.dcm: broken DICOM header: .* truncated"):
        read_volume(folder)


def test_a_file_that_only_claims_to_be_dicom_is_named(tmp_path: Path, series: Plan) -> None:
    folder = series().write(tmp_path / "scan")
    (folder / "extra.dcm").write_bytes(b"\x00" * 400)
    with pytest.raises(VolumeError, match=r"extra\.dcm: not a DICOM file in spite of its name"):
        read_volume(folder)


@pytest.mark.parametrize("cut", [132, 140, 160, 300, 345])
def test_a_file_cut_in_its_meta_information_is_refused(
    tmp_path: Path, series: Plan, cut: int
) -> None:
    folder = series().write(tmp_path / "scan")
    file = folder / "004.dcm"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(VolumeError, match=r"004\.dcm"):
        read_volume(folder)


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(132, 1100), st.integers(0, 255)), min_size=1))
def test_any_byte_of_a_header_may_be_wrong(
    damaged_folder: tuple[Path, bytes], changes: list[tuple[int, int]]
) -> None:
    folder, good = damaged_folder
    content = bytearray(good)
    for position, value in changes:
        content[position % len(content)] = value
    (folder / "001.dcm").write_bytes(content)
    try:
        volume = read_volume(folder, ReadingRules(check_hu=False))
    except VolumeError as error:
        one_line = str(error).startswith(f"{folder}: ") and "\n" not in str(error)
        assert one_line, error  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(volume, Volume)
        assert np.isfinite(volume.affine).all()
