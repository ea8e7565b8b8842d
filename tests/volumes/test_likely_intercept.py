import numpy as np
import pytest

from mmfeat.volumes.likely_intercept import likely_intercept

BODY_HU = np.repeat([-1000, -850, -100, 40, 900], [40, 10, 10, 35, 5]).astype(np.int16)


@pytest.mark.parametrize(
    ("stored_above_hu", "found"), [(1024, -1024), (1000, -1024), (8192, -8192)]
)
def test_an_intercept_that_was_not_applied_is_found(stored_above_hu: int, found: int) -> None:
    assert likely_intercept(BODY_HU + np.int16(stored_above_hu)) == found
    assert likely_intercept((BODY_HU + stored_above_hu).astype(np.float32)) == found


@pytest.mark.parametrize("applied", [1024, 8192])
def test_an_intercept_that_was_applied_twice_is_found(applied: int) -> None:
    assert likely_intercept(BODY_HU - np.int16(applied), twice=True) == applied


def test_no_guess_is_made_of_something_else() -> None:
    assert likely_intercept(np.arange(0, 32_000, 7, dtype=np.int16)) is None
