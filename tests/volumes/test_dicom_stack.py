from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from scipy.spatial.transform import Rotation

from mmfeat.errors import VolumeError
from mmfeat.volumes import read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]
OBLIQUE = Rotation.from_euler("xyz", [15, -25, 40], degrees=True).as_matrix()[:, :2].T.ravel()
ORIENTATIONS = {
    "axial": [1, 0, 0, 0, 1, 0],
    "axial, prone": [-1, 0, 0, 0, -1, 0],
    "coronal": [1, 0, 0, 0, 0, -1],
    "sagittal": [0, 1, 0, 0, 0, -1],
    "oblique": OBLIQUE,
}


@pytest.mark.parametrize("name", ORIENTATIONS)
@pytest.mark.parametrize("step_mm", [2.5, -2.5], ids=["upwards", "downwards"])
def test_any_orientation_is_placed_as_simpleitk_places_it(
    tmp_path: Path,
    series: Plan,
    read_with_simpleitk: Simpleitk,
    body_hu: HU,
    name: str,
    step_mm: float,
) -> None:
    plan = series(orientation=ORIENTATIONS[name], spacing_mm=(step_mm, 0.75, 0.5))
    volume = read_volume(plan.write(tmp_path / "scan"))
    values, affine = read_with_simpleitk(tmp_path / "scan")
    np.testing.assert_array_equal(volume.hu, body_hu if step_mm > 0 else body_hu[::-1])
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-4)


def test_a_voxel_is_where_the_standard_puts_it(tmp_path: Path, series: Plan) -> None:
    volume = read_volume(series(orientation=OBLIQUE).write(tmp_path / "scan"))
    along_row, along_column = OBLIQUE.reshape(2, 3)
    slice_, row, column = 3, 7, 4
    # DICOM part 3, C.7.6.2.1.1: position + row direction x column spacing x column index + ...
    lps_mm = np.array([-120.5, -80.25, 31.0]) + slice_ * 2.5 * np.cross(along_row, along_column)
    lps_mm += column * 0.5 * along_row + row * 0.75 * along_column
    ras_mm = volume.affine @ [slice_, row, column, 1]
    np.testing.assert_allclose(ras_mm[:3], lps_mm * [-1, -1, 1], atol=1e-4)


def _moved(index: int, by_mm: tuple[float, float, float]) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, at: int) -> None:
        if at == index:
            position = np.array(dataset.ImagePositionPatient, float) + by_mm
            dataset.ImagePositionPatient = [f"{value:.4f}" for value in position]

    return edit


def _other(keyword: str, value: Any) -> Callable[[Dataset, int], None]:
    def edit(dataset: Dataset, at: int) -> None:
        if at == 3:
            setattr(dataset, keyword, value)

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (_moved(2, (0, 0, 0.2)), r"2\.70 mm from 001\.dcm to 002\.dcm|2\.30 mm from 002"),
        (_moved(4, (0, 0, 2.5)), r"5\.00 mm from 003\.dcm to 004\.dcm, elsewhere 2\.50 mm"),
        (_moved(2, (0, 0, -2.5)), r"001\.dcm and 002\.dcm are at the same position"),
        (_moved(2, (0, 3, 0)), r"002\.dcm is shifted sideways by 3\.00 mm"),
        (_other("PixelSpacing", [0.75, 0.6]), r"5\.00 mm from 002.*; others: 1 slice, 12 x 10"),
        (_other("ImageOrientationPatient", list(OBLIQUE.round(6))), r"5\.00 mm from 002.*1 slice"),
        (_other("Rows", 6), r"5\.00 mm from 002.*; others: 1 slice, 6 x 10"),
    ],
)
def test_what_is_no_even_stack_is_refused(
    tmp_path: Path, series: Plan, edit: Callable[[Dataset, int], None], reason: str
) -> None:
    folder = series(edit=edit).write(tmp_path / "scan")
    with pytest.raises(VolumeError, match=reason) as caught:
        read_volume(folder)
    assert str(caught.value).startswith(f"{folder}: ")


@pytest.mark.parametrize("edit", [_moved(2, (0.02, 0.02, 0.03)), _moved(4, (0, 0.08, 0))])
def test_rounded_positions_are_an_even_stack(
    tmp_path: Path, series: Plan, body_hu: HU, edit: Callable[[Dataset, int], None]
) -> None:
    volume = read_volume(series(edit=edit).write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)


def test_slices_of_another_grid_are_left_out_with_a_note(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    folder = series(uid="1.2.9").write(tmp_path / "scan")
    scout = series(uid="1.2.9", hu=body_hu[:2], orientation=ORIENTATIONS["sagittal"])
    scout.write(folder / "scout")  # of an ImageType that does not say so
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.notes[0].code == "series-chosen"
    assert volume.notes[0].detail == (
        "of 2 series more than a few slices: 5 slices, 2.5 mm, 12 x 10, ...1.2.9; "
        "others: 2 slices, 2.5 mm, 12 x 10, ...1.2.9"
    )


def test_one_slice_is_no_volume(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    with pytest.raises(VolumeError, match=r"one slice is no volume \(000\.dcm\)"):
        read_volume(series(hu=body_hu[:1]).write(tmp_path / "scan"))
