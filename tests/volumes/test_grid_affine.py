from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mmfeat.errors import VolumeError
from mmfeat.volumes.grid_affine import volume_affine

WHERE = Path("scan.nrrd")
SPACING_MM = np.array([0.5, 0.75, 2.5])


def _form(axes: NDArray[np.float64], origin_mm: tuple[float, float, float]) -> NDArray[np.float64]:
    form = np.eye(4)
    form[:3] = np.column_stack([axes, origin_mm])
    return form


def test_axes_are_reversed_and_nothing_else() -> None:
    turned = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix() * SPACING_MM
    form = _form(turned, (-10, 20, 30.5))
    affine = volume_affine(WHERE, form)
    np.testing.assert_array_equal(affine @ [3, 2, 1, 1], form @ [1, 2, 3, 1])
    assert np.linalg.norm(affine[:3, :3], axis=0) == pytest.approx(SPACING_MM[::-1])


def _sheared(degrees: float) -> NDArray[np.float64]:
    axes = np.diag(SPACING_MM)
    axes[1, 2] = SPACING_MM[2] * np.tan(np.radians(degrees))
    return axes


def test_a_shear_within_rounding_is_let_pass() -> None:
    volume_affine(WHERE, _form(_sheared(0.3), (0, 0, 0)))


@pytest.mark.parametrize(
    ("axes", "origin_mm", "reason"),
    [
        (np.diag([1, 1, np.nan]), (0, 0, 0), "its affine is not finite"),
        (np.eye(3), (0, np.inf, 0), "its affine is not finite"),
        (np.eye(3), (0, 2e6, 0), "a kilometre off"),
        (np.eye(3) * 1e300, (0, 0, 0), "a kilometre off"),
        (np.diag([1, 0, 1]), (0, 0, 0), r"singular \(spacing 1 x 0 x 1\)"),
        (np.eye(3) * 1e-300, (0, 0, 0), "singular"),
        (np.array([[1, 1, 0], [0, 0, 1], [0, 0, 0]]), (0, 0, 0), "singular"),
        (_sheared(14), (0, 0, 0), r"its affine is sheared by 14\.0 degrees"),
        (np.eye(3) * 2500, (0, 0, 0), "puts voxels 2500 x 2500 x 2500 mm apart"),
        (np.diag([1, 1, 1e-4]), (0, 0, 0), r"puts voxels 1 x 1 x 0\.0001 mm apart"),
    ],
)
def test_what_no_ct_can_be_is_refused(
    axes: NDArray[np.float64], origin_mm: tuple[float, float, float], reason: str
) -> None:
    with pytest.raises(VolumeError, match=rf"^scan\.nrrd: .*{reason}"):
        volume_affine(WHERE, _form(axes, origin_mm))
