import numpy as np
import pytest

from mmfeat.errors import FeaturesError
from mmfeat.tabular.row_file import RowFile

VALUES = np.random.default_rng(0).standard_normal((3000, 5)).astype(np.float16)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.bin"
    path.write_bytes(b"a header" + VALUES.tobytes())
    return RowFile(path, 8, "<f2", n_rows=3000, width=5)


@pytest.mark.parametrize(
    "rows",
    [
        np.arange(3000),
        np.arange(100, 1700),
        np.arange(0, 3000, 3),
        np.array([0, 511, 512, 2999]),
        np.array([], np.int64),
    ],
    ids=["all", "a range", "every third", "single ones", "none"],
)
def test_rows_are_those_of_the_array(file, rows):
    found = file.read(rows)
    assert found.dtype == np.float16
    np.testing.assert_array_equal(found, VALUES[rows])


def test_a_file_that_was_cut_off_is_refused(file):
    file.path.write_bytes(file.path.read_bytes()[:-2])
    with pytest.raises(FeaturesError, match=r"rows\.bin: is shorter than it was"):
        file.read(np.array([2999]))


def test_a_file_that_has_gone_is_refused(file):
    file.path.unlink()
    with pytest.raises(FeaturesError, match="cannot be read any more"):
        file.read(np.array([0]))
