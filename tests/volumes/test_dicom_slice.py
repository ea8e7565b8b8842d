from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingNote, read_volume

Plan = Callable[..., Any]


def _set(keyword: str, value: Any) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, index: int) -> None:
        if index == 2:
            setattr(dataset, keyword, value)

    return edit


@pytest.mark.parametrize(
    ("keyword", "value", "reason"),
    [
        ("ImagePositionPatient", None, "ImagePositionPatient is missing"),
        ("ImagePositionPatient", [1, 2], r"ImagePositionPatient is \[1\.0, 2\.0\], not 3 finite"),
        ("ImageOrientationPatient", [1, 0, 0, 1, 0, 0], "is no right angle"),
        ("ImageOrientationPatient", [0, 0, 0, 0, 0, 0], "is no right angle"),
        ("PixelSpacing", [0.5, 0], r"PixelSpacing is 0\.5 x 0"),
        ("PixelSpacing", None, "PixelSpacing is missing"),
        ("Rows", None, "Rows is missing"),
        ("Columns", 0, "Columns is 0"),
        ("RescaleSlope", 0, "RescaleSlope is 0"),
        ("RescaleSlope", -1, "RescaleSlope is -1"),
        ("BitsAllocated", 12, "BitsAllocated is 12"),
        ("BitsStored", 17, "BitsStored is 17"),
        ("Rows", 20_000, "Rows is 20000"),
        ("PixelRepresentation", 2, "PixelRepresentation is 2"),
        ("PixelRepresentation", None, "PixelRepresentation is missing"),
    ],
)
def test_a_senseless_field_is_named_with_its_file(
    tmp_path: Path, series: Plan, keyword: str, value: Any, reason: str
) -> None:
    folder = series(edit=_set(keyword, value)).write(tmp_path / "scan")
    with pytest.raises(VolumeError, match=rf"scan: 002\.dcm: broken DICOM header: .*{reason}"):
        read_volume(folder)


def test_without_rescaling_the_stored_values_are_the_values(tmp_path: Path, series: Plan) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        del dataset.RescaleSlope, dataset.RescaleIntercept

    plan = series(intercepts=[0.0], edit=edit)
    volume = read_volume(plan.write(tmp_path / "scan"))
    assert (volume.hu == plan.hu).all()
    detail = "5 slices name no RescaleIntercept; it was taken as 0"
    assert volume.notes == (ReadingNote("rescaling-missing", detail),)
