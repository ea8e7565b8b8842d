import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmfeat.volumes import ReadingNote, ReadingRules, Volume
from mmfeat.volumes.rescaling import is_whole, rescale, rescaled_by_setting

WHOLE_TYPES = ["i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">u4", "<i8", "<u8"]


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept", "whole"),
    [
        ("i2", 1, -1024, True),
        ("u8", 3, 0, True),
        ("i2", 1, 0.5, False),
        ("i2", 0.5, 0, False),
        ("f4", 1, 0, False),
        ("i2", np.inf, 0, False),
    ],
)
def test_integers_stay_whole_with_whole_slope_and_intercept(
    dtype: str, slope: float, intercept: float, *, whole: bool
) -> None:
    assert is_whole(np.dtype(dtype), slope, intercept) is whole


@given(data=st.data(), dtype=st.sampled_from(WHOLE_TYPES))
def test_whole_numbers_are_exact_or_do_not_fit(data: st.DataObject, dtype: str) -> None:
    slope = data.draw(st.integers(-300, 300).filter(bool))
    intercept = data.draw(st.integers(-70_000, 70_000))
    stored = data.draw(arrays(dtype, (2, 3)))
    exact = [int(value) * slope + intercept for value in stored.ravel()]
    out = np.full((2, 3), 7, np.int16)
    if all(-(2**15) <= value < 2**15 for value in exact):
        rescale(stored, out, slope=slope, intercept=intercept)
        assert out.ravel().tolist() == exact
    else:
        with pytest.raises(OverflowError):
            rescale(stored, out, slope=slope, intercept=intercept)
        assert (out == 7).all()


@pytest.mark.parametrize("dtype", ["<i2", "<u2"])
def test_an_array_can_be_rescaled_in_its_own_memory(dtype: str) -> None:
    stored = np.arange(1000, 1006, dtype=dtype)
    rescale(stored, stored.view(np.int16), slope=2, intercept=-1024)
    assert stored.view(np.int16).tolist() == [976, 978, 980, 982, 984, 986]


@pytest.mark.parametrize("dtype", ["<i2", "<f4", ">f4", "<f8", "<u4"])
def test_fractions_are_float32(dtype: str) -> None:
    out = np.empty(3, np.float32)
    rescale(np.array([0, 1, 4], dtype), out, slope=0.5, intercept=0.25)
    assert out.tolist() == [0.25, 0.75, 2.25]


def test_what_float32_cannot_hold_is_infinite_without_a_warning() -> None:
    out = np.empty(2, np.float32)
    with warnings.catch_warnings(action="error"):
        rescale(np.array([1e300, -1e300]), out, slope=2, intercept=0)
    assert out.tolist() == [np.inf, -np.inf]


def _volume(hu: NDArray[np.generic]) -> Volume:
    header = {"rescale_type": "US", "padding_hu": "-2000", "kernel": "B30"}
    return Volume(hu, np.eye(4), header, (ReadingNote("left-out", "a scout view"),))


def test_the_settings_leave_a_volume_alone_unless_they_say_something() -> None:
    volume = _volume(np.zeros((2, 2, 2), np.int16))
    assert rescaled_by_setting(volume, ReadingRules()) is volume


@pytest.mark.parametrize(
    ("dtype", "rules", "expected", "becomes"),
    [
        (np.int16, ReadingRules(intercept=-1024), -24, np.int16),
        (np.int16, ReadingRules(slope=2, intercept=5), 2005, np.int16),
        (np.int16, ReadingRules(slope=0.5), 500, np.float32),
        (np.int16, ReadingRules(slope=40), 40_000, np.float32),
        (np.float32, ReadingRules(slope=1.5, intercept=-1), 1499, np.float32),
    ],
)
def test_the_settings_keep_int16_where_it_can_hold_the_result(
    dtype: type[np.generic], rules: ReadingRules, expected: float, becomes: type[np.generic]
) -> None:
    volume = rescaled_by_setting(_volume(np.full((2, 2, 2), 1000, dtype)), rules)
    assert volume.hu.dtype == becomes
    assert (volume.hu == expected).all()


def test_the_header_and_the_notes_tell_of_a_setting() -> None:
    rules = ReadingRules(slope=2, intercept=-1024)
    volume = rescaled_by_setting(_volume(np.zeros((2, 2, 2), np.int16)), rules)
    assert volume.header == {"padding_hu": "-5024", "kernel": "B30"}
    assert volume.notes == (
        ReadingNote("left-out", "a scout view"),
        ReadingNote("rescaled-by-setting", "multiplied by 2, then -1024"),
    )
