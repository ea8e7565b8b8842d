from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from pydicom import Dataset

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def _leaning(rows_mm: float, columns_mm: float = 0.0) -> Callable[[Dataset, int], None]:
    """Move each slice that far against the one below it."""

    def edit(dataset: Dataset, at: int) -> None:
        directions = np.array(dataset.ImageOrientationPatient, float).reshape(2, 3)
        position = np.array(dataset.ImagePositionPatient, float)
        position += at * (columns_mm * directions[0] + rows_mm * directions[1])
        dataset.ImagePositionPatient = [f"{value:.6f}" for value in position]

    return edit


def _by_degrees(degrees: float) -> Callable[[Dataset, int], None]:
    return _leaning(2.5 * np.tan(np.radians(degrees)))


def _resampled(
    hu: HU, slices: NDArray[np.float64], *, affine: NDArray[np.float64], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """What ITK makes of leaning slices on another grid; both are given as maps from (d, h, w)."""
    image, grid = (
        SimpleITK.GetImageFromArray(hu.astype(np.float32)),
        SimpleITK.Image(*(int(n) for n in shape[::-1]), SimpleITK.sitkFloat32),
    )
    for one, its in ((image, slices), (grid, affine)):
        axes = its[:3, 2::-1]
        spacing = np.linalg.norm(axes, axis=0)
        one.SetSpacing(spacing.tolist())
        one.SetDirection((axes / spacing).ravel().tolist())
        one.SetOrigin(its[:3, 3].tolist())
    resampled = SimpleITK.Resample(
        image, grid, SimpleITK.Transform(), SimpleITK.sitkLinear, -1024.0
    )
    return SimpleITK.GetArrayFromImage(resampled)


@pytest.mark.parametrize("orientation", [[1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]])
@pytest.mark.parametrize("lean_mm", [(0.7, 0.0), (-1.9, 0.0), (0.75, 0.0), (0.4, -0.3)])
def test_a_tilted_body_comes_back_where_itk_puts_it(
    tmp_path: Path,
    series: Plan,
    body_hu: HU,
    lean_mm: tuple[float, float],
    orientation: list[float],
) -> None:
    plan = series(orientation=orientation, edit=_leaning(*lean_mm))
    volume = read_volume(plan.write(tmp_path / "scan"))
    along_row, along_column = np.array(orientation, float).reshape(2, 3)
    step_mm = 2.5 * np.cross(along_row, along_column)
    step_mm += lean_mm[0] * along_column + lean_mm[1] * along_row
    leaning = np.eye(4)
    leaning[:3] = np.column_stack([step_mm, 0.75 * along_column, 0.5 * along_row, plan.origin_mm])
    expected = _resampled(
        body_hu, leaning, affine=LPS_TO_RAS @ volume.affine, shape=volume.hu.shape
    )
    np.testing.assert_allclose(volume.hu, expected, atol=0.05)
    axes = volume.affine[:3, :3] / volume.spacing_mm
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(volume.spacing_mm, (2.5, 0.75, 0.5), atol=1e-5)


def test_no_voxel_of_a_tilted_body_is_lost(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    whole_pixels = series(edit=_leaning(1.5))  # two rows for each slice, so nothing is blurred
    volume = read_volume(whole_pixels.write(tmp_path / "scan"))
    assert volume.hu.shape == (5, 12 + 8, 10)
    for index in range(5):
        at = slice(2 * index, 2 * index + 12)
        np.testing.assert_array_equal(volume.hu[index, at], body_hu[index])
        assert (np.delete(volume.hu[index], at, axis=0) == -1024).all()


def test_corners_are_filled_with_the_padding_of_the_file(tmp_path: Path, series: Plan) -> None:
    def edit(dataset: Dataset, at: int) -> None:
        _leaning(1.5)(dataset, at)
        dataset.PixelPaddingValue = -2000

    volume = read_volume(series(edit=edit).write(tmp_path / "scan"))
    assert volume.hu.min() == -3024


def test_the_tilt_is_noted(tmp_path: Path, series: Plan) -> None:
    volume = read_volume(series(edit=_by_degrees(14)).write(tmp_path / "scan"))
    assert [(note.code, note.detail) for note in volume.notes] == [
        ("tilt-straightened", "by 14.0 degrees")
    ]


@pytest.mark.parametrize("degrees", [5, -20])
def test_a_tilt_may_be_refused(tmp_path: Path, series: Plan, degrees: float) -> None:
    folder = series(edit=_by_degrees(degrees)).write(tmp_path / "scan")
    with pytest.raises(VolumeError, match=rf"gantry was tilted by {abs(degrees)}\.0 degrees"):
        read_volume(folder, ReadingRules(tilt="refuse"))


def test_rounded_positions_are_no_tilt(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    volume = read_volume(series(edit=_by_degrees(0.2)).write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert not volume.notes
