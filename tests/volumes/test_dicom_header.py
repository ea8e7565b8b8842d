import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, Volume, read_volume

HU = NDArray[np.int16]
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


def _without_preamble(file: Path) -> None:
    file.write_bytes(file.read_bytes()[132:])


def _without_meta(file: Path) -> None:
    content = file.read_bytes()
    meta_end = 144 + int.from_bytes(content[140:144], "little")
    file.write_bytes(content[meta_end:])


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("damage", [_without_preamble, _without_meta])
def test_a_file_whose_name_alone_says_dicom_is_read_if_it_is_sound(
    tmp_path: Path, series: Plan, body_hu: HU, syntax: Any, damage: Callable[[Path], None]
) -> None:
    folder = series(syntax=syntax).write(tmp_path / "scan")
    for file in folder.iterdir():
        damage(file)
    np.testing.assert_array_equal(read_volume(folder).hu, body_hu)


def test_without_a_name_that_says_dicom_it_is_no_slice(tmp_path: Path, series: Plan) -> None:
    folder = series(names="{}".format).write(tmp_path / "scan")
    for file in folder.iterdir():
        _without_preamble(file)
    with pytest.raises(VolumeError, match="no DICOM files in it"):
        read_volume(folder)


def test_text_that_is_named_dicom_is_named(tmp_path: Path, series: Plan) -> None:
    folder = series().write(tmp_path / "scan")
    (folder / "notes.dcm").write_text("a list of things to do, much longer than a preamble\n" * 99)
    with pytest.raises(VolumeError, match=r"notes\.dcm: not a DICOM file in spite of its name"):
        read_volume(folder)


@pytest.mark.parametrize("filler", [b"\x01", b"\xe0\x7f\x10\x00"])
def test_a_header_longer_than_the_first_bytes_is_read(
    tmp_path: Path, series: Plan, body_hu: HU, filler: bytes
) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.add_new(0x00090010, "LO", "ACME")
        dataset.add_new(0x00091001, "OB", filler * (200_000 // len(filler)))

    folder = series(edit=edit).write(tmp_path / "scan")
    np.testing.assert_array_equal(read_volume(folder).hu, body_hu)


def test_a_list_of_the_folder_is_no_slice_and_not_trusted(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    folder = series().write(tmp_path / "scan")
    shutil.copy(get_testdata_file("DICOMDIR", download=False), folder / "DICOMDIR")
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.notes[0].detail == "1 x Media Storage Directory Storage"
    with pytest.raises(VolumeError, match="no CT slice but Media Storage Directory Storage"):
        read_volume(folder / "DICOMDIR")


@pytest.mark.parametrize("cut", [132, 140, 160, 300, 345])
def test_a_file_cut_in_its_meta_information_is_refused(
    tmp_path: Path, series: Plan, cut: int
) -> None:
    folder = series().write(tmp_path / "scan")
    file = folder / "004.dcm"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(VolumeError, match=r"004\.dcm"):
        read_volume(folder)


def _require_volume_or_one_line(path: Path) -> None:
    try:
        volume = read_volume(path, ReadingRules(check_hu=False))
    except VolumeError as error:
        one_line = str(error).startswith(f"{path}: ") and "\n" not in str(error)
        assert one_line, error  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(volume, Volume)
        assert np.isfinite(volume.affine).all()


CHANGES = st.lists(st.tuples(st.integers(132, 3000), st.integers(0, 255)), min_size=1)


def _changed(content: bytes, changes: list[tuple[int, int]]) -> bytes:
    changed = bytearray(content)
    for position, value in changes:
        changed[position % len(changed)] = value
    return bytes(changed)


@settings(max_examples=150, deadline=None)
@given(changes=CHANGES)
def test_any_byte_of_a_file_may_be_wrong(
    damaged_folder: tuple[Path, bytes], changes: list[tuple[int, int]]
) -> None:
    folder, good = damaged_folder
    (folder / "001.dcm").write_bytes(_changed(good, changes))
    _require_volume_or_one_line(folder)


@pytest.fixture(scope="module")
def whole_files(
    tmp_path_factory: pytest.TempPathFactory,
    series: Plan,
    compress: Callable[[Path, str], None],
    pack: Callable[[Path], Path],
) -> list[Path]:
    """Files that hold a whole volume: multi-frame, in several compressions, and an archive."""
    folder = tmp_path_factory.mktemp("whole")
    files = [pack(series().write(folder / "scan"))]
    for number, syntax in enumerate([None, "JPEG lossless", "JPEG-LS", "JPEG 2000", "HTJ2K"]):
        file = series().write_multi_frame(folder / f"{number}.dcm")
        if syntax is not None:
            compress(file, syntax)
        files.append(file)
    return files


@settings(max_examples=150, deadline=None)
@given(kind=st.integers(0, 5), changes=CHANGES)
def test_any_byte_of_a_whole_volume_may_be_wrong(
    whole_files: list[Path], kind: int, changes: list[tuple[int, int]]
) -> None:
    good = whole_files[kind]
    damaged = good.with_name(f"damaged{good.suffix}")
    damaged.write_bytes(_changed(good.read_bytes(), changes))
    _require_volume_or_one_line(damaged)
