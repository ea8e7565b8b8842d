from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.uid import (
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    LegacyConvertedEnhancedCTImageStorage,
)

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]
LEGACY = LegacyConvertedEnhancedCTImageStorage


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
@pytest.mark.parametrize("kind", [EnhancedCTImageStorage, LEGACY])
def test_a_multi_frame_file_is_read_as_its_slices_would_be(
    tmp_path: Path, series: Plan, syntax: Any, kind: str
) -> None:
    plan = series(
        syntax=syntax,
        orientation=[0.8, 0.6, 0, 0, 0, -1],
        intercepts=[-1024.0, -1000.0],
        edit=lambda dataset, index: setattr(dataset, "ConvolutionKernel", "B30f"),
    )
    expected = read_volume(plan.write(tmp_path / "scan"))
    file = plan.write_multi_frame(
        tmp_path / "scan.dcm", edit=lambda whole: setattr(whole, "SOPClassUID", kind)
    )
    volume = read_volume(file)
    np.testing.assert_array_equal(volume.hu, expected.hu)
    np.testing.assert_allclose(volume.affine, expected.affine)
    assert volume.header == expected.header
    assert volume.notes == ()


def test_a_multi_frame_file_is_read_as_simpleitk_reads_it(
    tmp_path: Path, series: Plan, read_with_simpleitk: Simpleitk
) -> None:
    def in_order(whole: Dataset) -> None:  # SimpleITK takes frames as they come
        groups = sorted(
            whole.PerFrameFunctionalGroupsSequence,
            key=lambda one: one.PlanePositionSequence[0].ImagePositionPatient[2],
        )
        whole.PerFrameFunctionalGroupsSequence = groups

    file = series().write_multi_frame(tmp_path / "scan.dcm", edit=in_order)
    volume = read_volume(file)
    values, affine = read_with_simpleitk(file)
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-4)


def test_a_folder_may_hold_a_series_in_several_multi_frame_files(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    (tmp_path / "scan").mkdir()
    for name, part, bottom_mm in (("b", slice(2, 5), 36.0), ("a", slice(0, 2), 31.0)):
        plan = series(uid="1.2.3", hu=body_hu[part], origin_mm=(-120.5, -80.25, bottom_mm))
        plan.write_multi_frame(tmp_path / "scan" / name)
    np.testing.assert_array_equal(read_volume(tmp_path / "scan").hu, body_hu)


def test_stacks_of_one_file_compete_as_series_do(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.StackID = "1" if index < 5 else "2"
        position = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [*position[:2], 31 + 2.5 * (index % 5) / (1 + index // 5)]

    twice = np.concatenate([body_hu, body_hu + np.int16(1)])
    file = series(hu=twice, edit=edit).write_multi_frame(tmp_path / "scan.dcm")
    volume = read_volume(file)  # the second stack is thinner
    np.testing.assert_array_equal(volume.hu, body_hu + 1)
    assert volume.notes[0].detail.startswith("of 2 series the thinnest: 5 slices, 1.25 mm")
    with pytest.raises(VolumeError, match=r"as scan\.dcm frame 8"):
        read_volume(file, ReadingRules(prefer=()))


def test_phases_in_one_file_are_told_apart(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.AcquisitionNumber = index // 5
        dataset.ImagePositionPatient = [-120.5, -80.25, 31 + 2.5 * (index % 5)]

    twice = np.concatenate([body_hu, body_hu + np.int16(1)])
    file = series(hu=twice, edit=edit).write_multi_frame(tmp_path / "scan.dcm")
    with pytest.raises(VolumeError, match="2 CT series to choose from, and nothing that decides"):
        read_volume(file)


def _drop_a_group(whole: Dataset) -> None:
    del whole.PerFrameFunctionalGroupsSequence[2]


def _drop_a_position(whole: Dataset) -> None:
    del whole.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence


def _promise_frames(whole: Dataset) -> None:
    whole.NumberOfFrames = 2_000_000_000


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (_drop_a_group, "broken DICOM header: 4 functional groups for 5 frames"),
        (_drop_a_position, "frame 3: broken DICOM header: ImagePositionPatient is missing"),
        (_promise_frames, "5 functional groups for 2000000000 frames"),
    ],
)
def test_groups_that_do_not_fit_the_frames_are_named(
    tmp_path: Path, series: Plan, edit: Callable[[Dataset], None], reason: str
) -> None:
    file = series().write_multi_frame(tmp_path / "scan.dcm", edit=edit)
    with pytest.raises(VolumeError, match=rf"scan\.dcm: .*{reason}"):
        read_volume(file)


def test_frames_that_are_not_there_are_missed(tmp_path: Path, series: Plan) -> None:
    file = series().write_multi_frame(tmp_path / "scan.dcm")
    file.write_bytes(file.read_bytes()[:-240])
    with pytest.raises(VolumeError, match="960 of 1200 bytes are there"):
        read_volume(file)


def test_who_the_patient_is_stays_out_of_header_and_notes(tmp_path: Path, series: Plan) -> None:
    file = series().write_multi_frame(tmp_path / "scan.dcm")
    assert "Nemo" in str(dcmread(file).PatientName)
    volume = read_volume(file)
    assert "Nemo" not in f"{volume.header} {volume.notes}"
