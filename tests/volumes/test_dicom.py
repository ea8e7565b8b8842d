import random
import re
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
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    MRImageStorage,
    SecondaryCaptureImageStorage,
)
from scipy.spatial.transform import Rotation

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingNote, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]


def _object(kind: str, **changes: Any) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = kind
        for keyword, value in changes.items():
            setattr(dataset, keyword, value)

    return edit


def _localizer(dataset: Dataset, index: int) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]


def _protocol_page(dataset: Dataset, index: int) -> None:
    dataset.ImageType = ["DERIVED", "SECONDARY", "OTHER", "CT_SOM5 PROT"]
    del dataset.ImagePositionPatient


def test_names_say_nothing_about_the_order(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    names = [f"{number}" for number in range(5)]
    random.Random(3).shuffle(names)
    folder = series(names=names.__getitem__).write(tmp_path / "scan")
    (folder / "deeper" / "still").mkdir(parents=True)
    shutil.move(folder / "2", folder / "deeper" / "still" / "1.2.840.7")
    np.testing.assert_array_equal(read_volume(folder).hu, body_hu)


def test_everything_that_is_no_slice_is_left_out(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    folder = series().write(tmp_path / "scan")
    series(edit=_localizer).write(folder / "localizer")
    series(edit=_protocol_page).write(folder / "protocol")
    series(edit=_object(SecondaryCaptureImageStorage)).write(folder / "captures")
    series(edit=_object(MRImageStorage, Modality="MR")).write(folder / "mr")
    series(edit=_object(CTImageStorage, SamplesPerPixel=3)).write(folder / "colour")
    (folder / "README.txt").write_text("not DICOM")
    (folder / "LICENSE").write_text("not DICOM either")
    (folder / ".DS_Store").write_bytes(b"")
    (folder / "._000.dcm").write_bytes(b"resource fork")
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.notes == (
        ReadingNote(
            "left-out",
            "5 x Secondary Capture Image Storage, 10 x screen capture or protocol page, "
            "5 x localizer, 5 x MR Image Storage",
        ),
    )


def test_several_series_are_listed(tmp_path: Path, series: Plan) -> None:
    series(uid="1.2.826.111111111111.1").write(tmp_path / "scan" / "a")
    series(uid="1.2.826.222222222222.2").write(tmp_path / "scan" / "b")
    expected = (
        r"2 CT series to choose from, and nothing that decides "
        r"\(5 slices, 2\.5 mm, 12 x 10, \.\.\.1111111111\.1, `chest`, as a/000\.dcm; "
        r"5 slices, 2\.5 mm, 12 x 10, \.\.\.2222222222\.2, `chest`, as b/000\.dcm\); "
        r"set `reading\.series_uid`, `reading\.series_description` or `reading\.prefer`"
    )
    with pytest.raises(VolumeError, match=expected.replace(", `chest`", "")) as found:
        read_volume(tmp_path / "scan")
    assert re.search(expected, found.value.on_screen)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (_localizer, "no CT slices in it, only 5 x localizer"),
        (_protocol_page, "no CT slices in it, only 5 x screen capture or protocol page"),
        (_object(EnhancedCTImageStorage), "000.dcm: broken DICOM header: 0 functional groups"),
        (
            _object(CTImageStorage, PhotometricInterpretation="MONOCHROME1"),
            "only 5 x picture whose numbers mean MONOCHROME1, not density",
        ),
        (_object("1.2.3.4"), "no CT slices in it, only 5 x 1.2.3.4"),
    ],
)
def test_a_folder_without_ct_slices_says_what_it_holds(
    tmp_path: Path, series: Plan, edit: Callable[[Dataset, int], None], reason: str
) -> None:
    with pytest.raises(VolumeError, match=reason):
        read_volume(series(edit=edit).write(tmp_path / "scan"))


def test_an_empty_folder_holds_no_dicom(tmp_path: Path) -> None:
    with pytest.raises(VolumeError, match="no DICOM files in it"):
        read_volume(tmp_path)


@pytest.mark.parametrize("name", ["000.dcm", "I100", "1.2.840.113619.2"])
def test_an_empty_file_is_a_lost_slice(tmp_path: Path, series: Plan, name: str) -> None:
    folder = series().write(tmp_path / "scan")
    (folder / name).write_bytes(b"")
    with pytest.raises(VolumeError, match=f"scan: {name}: the file is empty"):
        read_volume(folder)


def test_the_header_says_how_the_scan_was_made_and_not_of_whom(
    tmp_path: Path, series: Plan
) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.Manufacturer = "ACME"
        dataset.ManufacturerModelName = "Donut 64"
        dataset.ConvolutionKernel = ["B70f", "3"]
        dataset.KVP = "120"
        dataset.ContrastBolusAgent = None
        dataset.PatientPosition = "HFS"
        dataset.PixelPaddingValue = -2000

    header = read_volume(series(uid="1.2.9", edit=edit).write(tmp_path / "scan")).header
    assert header == {
        "manufacturer": "ACME",
        "model": "Donut 64",
        "kernel": "B70f\\3",
        "kvp": "120",
        "slice_thickness_mm": "2.5",
        "series_uid": "1.2.9",
        "patient_position": "HFS",
        "padding_hu": "-3024",
    }


def test_sloppy_files_warn_nobody(
    tmp_path: Path, series: Plan, body_hu: HU, recwarn: pytest.WarningsRecorder
) -> None:
    folder = series(uid="1.2.3").write(tmp_path / "scan")
    for file in folder.iterdir():
        content = file.read_bytes()
        file.write_bytes(content.replace(b"UI\x06\x001.2.3\0", b"UI\x06\x001.2.x\0"))  # no UID
    np.testing.assert_array_equal(read_volume(folder).hu, body_hu)
    assert not recwarn.list


def test_a_damaged_field_that_no_number_depends_on_is_left_out(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.KVP = 120

    folder = series(edit=edit).write(tmp_path / "scan")
    for file in folder.iterdir():
        content = file.read_bytes()
        file.write_bytes(content.replace(b"\x18\x00\x60\x00DS", b"\x18\x00\x60\x00AI"))  # no type
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert "kvp" not in volume.header
    assert "slice_thickness_mm" in volume.header


def test_a_link_to_nowhere_is_named(tmp_path: Path, series: Plan) -> None:
    folder = series().write(tmp_path / "scan")
    (folder / "005.dcm").symlink_to(tmp_path / "gone.dcm")
    with pytest.raises(VolumeError, match=r"scan: 005\.dcm: cannot be read: .*No such file"):
        read_volume(folder)


@settings(max_examples=40, deadline=None)
@given(
    names=st.permutations(range(5)),
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    step_mm=st.sampled_from([2.5, -2.5, 0.6]),
    is_multi_frame=st.booleans(),
)
def test_every_voxel_keeps_its_value_and_place(
    tmp_path_factory: pytest.TempPathFactory,
    series: Plan,
    body_hu: HU,
    names: list[int],
    angles: tuple[float, float, float],
    step_mm: float,
    is_multi_frame: bool,
) -> None:
    rotation = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    along_row, along_column, normal = rotation.T
    plan = series(
        orientation=rotation.T[:2].ravel(),
        spacing_mm=(step_mm, 0.75, 0.5),
        names=lambda index: f"{names[index]}",
    )
    folder = tmp_path_factory.mktemp("scan")
    volume = read_volume(
        plan.write_multi_frame(folder / "all") if is_multi_frame else plan.write(folder)
    )
    written = np.eye(4)
    written[:3] = np.column_stack(
        [step_mm * normal, 0.75 * along_column, 0.5 * along_row, plan.origin_mm]
    )
    lps_mm = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine
    indices = np.indices(volume.hu.shape).reshape(3, -1)  # (3, voxels)
    places = np.linalg.solve(written, lps_mm @ np.vstack([indices, np.ones(indices.shape[1])]))
    np.testing.assert_allclose(places, places.round(), atol=1e-3)
    np.testing.assert_array_equal(volume.hu.ravel(), body_hu[tuple(places[:3].round().astype(int))])
