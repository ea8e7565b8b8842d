from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mmfeat.errors import VolumeError
from mmfeat.volumes import read_volume

Nifti = Callable[..., Path]


def _oblique() -> np.ndarray[Any, np.dtype[np.float64]]:
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
    affine[:3, :3] *= [0.5, 0.75, 2.5]
    affine[:3, 3] = [-10, 20, 30.5]
    return affine


@pytest.mark.parametrize(("sform_code", "qform_code"), [(1, 0), (0, 1), (2, 1)])
def test_an_oblique_affine_comes_from_either_form(
    nifti: Nifti, sform_code: int, qform_code: int
) -> None:
    def edit(header: Any) -> None:
        header.set_sform(_oblique(), sform_code)
        header.set_qform(_oblique(), qform_code)

    volume = read_volume(nifti(affine=_oblique(), edit=edit))
    np.testing.assert_allclose(volume.affine, _oblique()[:, [2, 1, 0, 3]], atol=1e-4)
    assert volume.spacing_mm == pytest.approx((2.5, 0.75, 0.5), abs=1e-4)


@pytest.mark.parametrize(
    ("unit", "factor"), [("mm", 1), ("unknown", 1), ("meter", 0.001), ("micron", 1000)]
)
def test_lengths_are_in_millimetres(nifti: Nifti, unit: str, factor: float) -> None:
    file = nifti(
        affine=np.diag([0.5 * factor, 0.75 * factor, 2.5 * factor, 1.0]),
        edit=lambda header: header.set_xyzt_units(unit),
    )
    assert read_volume(file).spacing_mm == pytest.approx((2.5, 0.75, 0.5))


def _no_forms(header: Any) -> None:
    header["sform_code"] = header["qform_code"] = 0


def _unknown_unit(header: Any) -> None:
    header["xyzt_units"] = 7


def _shifted_qform(header: Any) -> None:
    header.set_qform(np.array([[0.5, 0, 0, 1], [0, 0.75, 0, 0], [0, 0, 2.5, 0], [0, 0, 0, 1]]), 1)


def _sheared(header: Any) -> None:
    affine = np.diag([0.5, 0.75, 2.5, 1.0])
    affine[1, 2] = 2.5 * np.tan(np.radians(14))
    header.set_sform(affine, 1)


def _not_finite(header: Any) -> None:
    header["srow_x"] = np.nan


def _no_quaternion(header: Any) -> None:
    header["qform_code"] = 1
    header["quatern_b"] = header["quatern_c"] = 3


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (_no_forms, "neither sform nor qform is set"),
        (_unknown_unit, r"unknown unit of length in its header \(xyzt_units 7\)"),
        (_shifted_qform, "sform and qform put the same corner 1 mm apart"),
        (_sheared, r"its sform is sheared by 14\.0 degrees"),
        (_not_finite, "its sform is not finite"),
        (_no_quaternion, "broken NIfTI header: w2 should be positive"),
    ],
)
def test_a_doubtful_affine_is_refused(
    nifti: Nifti, edit: Callable[[Any], None], reason: str
) -> None:
    with pytest.raises(VolumeError, match=reason):
        read_volume(nifti(edit=edit))


def test_rounding_between_the_forms_is_no_disagreement(nifti: Nifti) -> None:
    def edit(header: Any) -> None:
        header.set_qform(_oblique(), 1)

    assert read_volume(nifti(affine=_oblique(), edit=edit)).notes == ()


def test_a_small_disagreement_is_noted(nifti: Nifti) -> None:
    def edit(header: Any) -> None:
        nearly = _oblique()
        nearly[:3, 3] += [0.03, 0.04, 0]
        header.set_qform(nearly, 1)

    volume = read_volume(nifti(affine=_oblique(), edit=edit))
    np.testing.assert_allclose(volume.affine[:3, 3], [-10, 20, 30.5], atol=1e-4)  # the sform's
    (note,) = volume.notes
    assert note.code == "forms-differ"
    assert note.detail == "sform and qform put a corner 0.1 voxels apart; the sform was taken"
