from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
INTERPOLATE = ReadingRules(gaps="interpolate")


@pytest.fixture
def ramp_hu(body_hu: HU) -> HU:
    """Forty slices that grow by 10 HU each, so that interpolation gives the missing ones."""
    first = np.resize(body_hu, (12, 10)).clip(-900, 900)
    return (first + 10 * np.arange(40)[:, None, None]).astype(np.int16)


def _at(positions_mm: Sequence[float]) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.ImagePositionPatient = [-120.5, -80.25, 31.0 + positions_mm[index]]

    return edit


def _without(missing: set[int], ramp_hu: HU, series: Plan, **changes: Any) -> Any:
    there = [index for index in range(len(ramp_hu)) if index not in missing]
    return series(hu=ramp_hu[there], edit=_at([2.5 * index for index in there]), **changes)


@pytest.mark.parametrize("missing", [{1}, {7, 8, 9}, {5, 20, 21, 22, 30}, {2, 3, 4, 5, 6}])
def test_missing_slices_are_interpolated_and_the_others_kept(
    tmp_path: Path, series: Plan, ramp_hu: HU, missing: set[int]
) -> None:
    folder = _without(missing, ramp_hu, series).write(tmp_path / "scan")
    volume = read_volume(folder, INTERPOLATE)
    np.testing.assert_allclose(volume.hu, ramp_hu, atol=1e-3)
    np.testing.assert_allclose(volume.affine[2], [2.5, 0, 0, 31.0])
    (note,) = volume.notes
    assert note.code == "gaps-filled"
    assert (
        f"{len(missing)} of 40 slices interpolated, so {2.5 * len(missing):.2f} mm" in note.detail
    )


def test_a_gap_is_refused_unless_the_rules_allow_it(
    tmp_path: Path, series: Plan, ramp_hu: HU
) -> None:
    folder = _without({7}, ramp_hu, series).write(tmp_path / "scan")
    expected = r"5\.00 mm from 006\.dcm to 007\.dcm, elsewhere 2\.50 mm; .*`reading\.gaps: interp"
    with pytest.raises(VolumeError, match=expected):
        read_volume(folder)


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ({10, 11, 12, 13, 14, 15}, r"too long a gap to be interpolated: 17\.50 mm from"),
        (set(range(2, 30, 3)), r"too many gaps to be interpolated: .* 10 of 40 slices"),
    ],
)
def test_too_much_is_not_made_up(
    tmp_path: Path, series: Plan, ramp_hu: HU, missing: set[int], reason: str
) -> None:
    folder = _without(missing, ramp_hu, series).write(tmp_path / "scan")
    with pytest.raises(VolumeError, match=reason):
        read_volume(folder, INTERPOLATE)


def test_a_slice_between_the_others_is_passed_over(
    tmp_path: Path, series: Plan, ramp_hu: HU
) -> None:
    positions = sorted([*(2.5 * np.arange(39)), 26.0])
    hu = (np.array(positions) * 4)[:, None, None] + np.resize(ramp_hu[0], (12, 10))
    folder = series(hu=hu.astype(np.int16), edit=_at(positions)).write(tmp_path / "scan")
    volume = read_volume(folder, INTERPOLATE)
    np.testing.assert_array_equal(volume.hu, np.delete(hu, 11, axis=0))


def test_leaning_slices_with_a_gap_are_put_upright_first(
    tmp_path: Path, series: Plan, ramp_hu: HU
) -> None:
    there = [index for index in range(40) if index != 9]

    def edit(dataset: Dataset, index: int) -> None:
        step = there[index]
        dataset.ImagePositionPatient = [-120.5, -80.25 + 0.75 * step, 31.0 + 2.5 * step]

    folder = series(hu=ramp_hu[there], edit=edit).write(tmp_path / "scan")
    volume = read_volume(folder, INTERPOLATE)
    assert [note.code for note in volume.notes] == ["tilt-straightened", "gaps-filled"]
    assert volume.hu.shape == (40, 12 + 39, 10)
    for index in there:
        np.testing.assert_array_equal(volume.hu[index, index : index + 12], ramp_hu[index])
    between = (volume.hu[8].astype(float) + volume.hu[10]) / 2
    np.testing.assert_array_equal(volume.hu[9], between)
