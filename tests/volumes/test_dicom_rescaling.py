from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import Dataset

from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
ANY_VALUES = ReadingRules(check_hu=False)


@pytest.mark.parametrize(("dtype", "intercept"), [("<u2", 0.0), ("<u2", -1024.0), ("<i2", 1024.0)])
def test_numbers_that_int16_cannot_hold_become_float32(
    tmp_path: Path, series: Plan, body_hu: HU, dtype: str, intercept: float
) -> None:
    stored = np.clip(body_hu.astype(int) + 1024, 0, None) * 20
    stored[3, 0, 0] = 40_000 if dtype == "<u2" else 32_000
    plan = series(hu=stored + int(intercept), dtype=dtype, intercepts=[intercept])
    hu = read_volume(plan.write(tmp_path / "scan"), ANY_VALUES).hu
    np.testing.assert_array_equal(hu, stored + int(intercept))
    assert hu.dtype == np.float32


def test_negative_numbers_said_to_be_unsigned_are_mended_with_a_note(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.PixelRepresentation = 0

    volume = read_volume(series(intercepts=[0.0], edit=edit).write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    (note,) = volume.notes
    assert note.code == "sign-mended"
    assert note.detail == "5 slices hold negative numbers, though PixelRepresentation is 0"


def test_padding_given_without_its_sign_is_understood(tmp_path: Path, series: Plan) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.add_new(0x00280120, "US", 63536)  # -2000

    volume = read_volume(series(edit=edit).write(tmp_path / "scan"))
    assert volume.header["padding_hu"] == "-3024"


@settings(deadline=None)
@given(
    intercept=st.integers(-40_000, 40_000),
    slope=st.sampled_from([1.0, 0.5, 2.0]),
    low=st.integers(-32768, 32000),
    signed=st.booleans(),
)
def test_any_rescaling_gives_what_double_precision_gives(
    tmp_path_factory: pytest.TempPathFactory,
    series: Plan,
    body_hu: HU,
    intercept: int,
    slope: float,
    low: int,
    signed: bool,
) -> None:
    span = np.arange(120, dtype=int).reshape(1, 12, 10).repeat(2, axis=0) * 6
    stored = low + span if signed else low + span + 32768
    plan = series(
        hu=stored * slope + intercept,
        slopes=[slope],
        intercepts=[float(intercept)],
        dtype="<i2" if signed else "<u2",
    )
    expected = stored * slope + intercept
    assume(expected.max() < 57344)  # above, it would be mended
    hu = read_volume(plan.write(tmp_path_factory.mktemp("scan")), ANY_VALUES).hu
    np.testing.assert_array_equal(hu, expected)
