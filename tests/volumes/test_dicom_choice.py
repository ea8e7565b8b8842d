import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, Volume, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]


def _with(**values: Any) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, index: int) -> None:
        for keyword, value in values.items():
            setattr(dataset, keyword, value)

    return edit


@pytest.fixture
def study(tmp_path: Path, series: Plan, body_hu: HU) -> Path:
    """Four series: thin and sharp, thin and smooth, thick and smooth, and a needle's few slices."""
    long_hu = np.concatenate([body_hu, body_hu])  # (10, 12, 10)
    for name, hu, spacing_mm, kernel in (
        ("thin-sharp", long_hu, 1.25, "LUNG"),
        ("thin-smooth", body_hu, 1.25, "STANDARD"),
        ("thick-smooth", body_hu, 5.0, "STANDARD"),
        ("needle", body_hu[:3], 0.6, "STANDARD"),
    ):
        series(
            hu=hu,
            uid=f"1.2.{len(name)}",
            spacing_mm=(spacing_mm, 0.75, 0.5),
            edit=_with(SeriesDescription=f"Nemo {name}", ConvolutionKernel=kernel),
        ).write(tmp_path / "study" / name)
    return tmp_path / "study"


def _series_of(volume: Volume) -> str:
    lengths = {10: "thin-sharp", 11: "thin-smooth", 12: "thick-smooth", 6: "needle"}
    return lengths[int(volume.header["series_uid"].split(".")[-1])]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (ReadingRules(), "thin-sharp"),
        (ReadingRules(prefer=("most_slices",)), "thin-sharp"),
        (ReadingRules(prefer=("kernel", "thinnest"), kernels=("std*", "STAND*")), "thin-smooth"),
        (ReadingRules(prefer=("kernel", "thinnest"), kernels=("lung", "stand*")), "thin-sharp"),
        (ReadingRules(series_uid="1.2.12"), "thick-smooth"),
        (ReadingRules(series_uid="1.2.6"), "needle"),
        (ReadingRules(series_description="*THICK*"), "thick-smooth"),
        (ReadingRules(series_description="*-smooth"), "thin-smooth"),
        (ReadingRules(prefer=(), series_description="*needle"), "needle"),
    ],
)
def test_rules_choose_a_series(study: Path, rules: ReadingRules, expected: str) -> None:
    assert _series_of(read_volume(study, rules)) == expected


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (ReadingRules(prefer=()), r"4 CT series to choose from, and nothing that decides"),
        (ReadingRules(prefer=("thinnest",)), r"2 of 4 CT series .*thin-sharp.*thin-smooth`, as"),
        (
            ReadingRules(series_uid="1.2"),
            r"no CT series fits `reading\.series_uid` .* there are 3 x",
        ),
        (ReadingRules(series_description="head*"), r"1\.2\.10 `Nemo thin-sharp`, 5 x 1\.2\.11 "),
    ],
)
def test_what_the_rules_leave_open_is_an_error_and_only_the_screen_has_free_text(
    study: Path, rules: ReadingRules, reason: str
) -> None:
    with pytest.raises(VolumeError, match=r"nothing that decides|no CT series fits") as found:
        read_volume(study, rules)
    assert re.search(reason, found.value.on_screen)
    assert "Nemo" in found.value.on_screen
    assert "Nemo" not in str(found.value)


def test_the_choice_is_noted_without_free_text(study: Path) -> None:
    (note,) = read_volume(study).notes
    assert note.code == "series-chosen"
    assert note.detail == (
        "of 4 series the most slices: 10 slices, 1.25 mm, 12 x 10, kernel LUNG, ...1.2.10; others: "
        "3 slices, 0.6 mm, 12 x 10, kernel STANDARD, ...1.2.6; "
        "5 slices, 5 mm, 12 x 10, kernel STANDARD, ...1.2.12; "
        "5 slices, 1.25 mm, 12 x 10, kernel STANDARD, ...1.2.11"
    )
    (note,) = read_volume(study, ReadingRules(series_uid="1.2.12")).notes
    assert note.detail == "18 x file of a series not asked for"


def test_equal_spacing_is_decided_by_the_slices_own_thickness(tmp_path: Path, series: Plan) -> None:
    for uid, thickness_mm in (("1.2.1", 5.0), ("1.2.2", 1.0)):
        plan = series(uid=uid, edit=_with(SliceThickness=thickness_mm))
        plan.write(tmp_path / "scan" / uid)
    assert read_volume(tmp_path / "scan").header["series_uid"] == "1.2.2"


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        (_with(ImageType=["DERIVED", "PRIMARY", "MPR"]), "as the scanner made it"),
        (_with(RescaleType="MGML"), "the only one in HU"),
        (_with(ImagePositionPatient=[0, 0, 0]), "the only volume"),
    ],
)
def test_what_is_worse_loses_even_if_it_is_thinner(
    tmp_path: Path, series: Plan, worse: Callable[[Dataset, int], None], reason: str
) -> None:
    series(uid="1.2.1", spacing_mm=(0.5, 0.75, 0.5), edit=worse).write(tmp_path / "scan" / "worse")
    series(uid="1.2.2").write(tmp_path / "scan" / "better")
    volume = read_volume(tmp_path / "scan")
    assert volume.header["series_uid"] == "1.2.2"
    assert volume.notes[0].detail.startswith(f"of 2 series {reason}: 5 slices, 2.5 mm")


def test_a_derived_series_is_read_with_a_note_if_it_is_the_only_one(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    plan = series(edit=_with(ImageType=["DERIVED", "PRIMARY", "MPR"]))
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert [note.code for note in volume.notes] == ["derived"]


def test_a_broken_file_of_another_series_can_be_passed_over(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    broken = _with(RescaleSlope=0, SeriesDescription="two\x01lines")
    series(uid="1.2.1", edit=broken).write(tmp_path / "scan" / "broken")
    series(uid="1.2.2").write(tmp_path / "scan" / "sound")
    with pytest.raises(VolumeError, match="RescaleSlope is 0"):
        read_volume(tmp_path / "scan")
    volume = read_volume(tmp_path / "scan", ReadingRules(series_uid="1.2.2"))
    np.testing.assert_array_equal(volume.hu, body_hu)
