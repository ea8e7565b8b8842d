import datetime

import numpy as np
import pandas as pd
import pytest

from mmfeat.manifest.reading import read_manifest
from mmfeat.manifest.text_frames import text_frame


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([1, 2, 3], ["1", "2", "3"]),
        ([1.0, 0.5, np.nan], ["1", "0.5", None]),
        ([True, False, None], ["true", "false", None]),
        ([" a ", "?", ""], ["a", None, None]),
        (pd.array([1, None, 3], "Int64"), ["1", None, "3"]),
        (pd.Categorical(["f", None, "m"]), ["f", None, "m"]),
        (
            [pd.Timestamp(2020, 1, 31), pd.NaT, pd.Timestamp(2020, 1, 31, 12)],
            ["2020-01-31", None, "2020-01-31 12:00:00"],
        ),
        ([np.int64(7), np.bool_(True), pd.NA], ["7", "true", None]),
        ([datetime.date(2020, 1, 31), 10**17, pd.NaT], ["2020-01-31", str(10**17), None]),
    ],
)
def test_cells_of_any_type_become_the_text_of_a_file(cells, texts):
    found = text_frame(pd.DataFrame({"x": cells}), ["?"])
    assert [None if cell is np.nan else cell for cell in found["x"]] == texts
    assert found["x"].dtype == object


def test_a_frame_is_as_the_file_of_it(tmp_path):
    frame = pd.DataFrame(
        {
            "age": [61.0, np.nan, 70.5],
            "n": [1, 2, 3],
            "who": ["a", None, " b"],
            "scan": pd.to_datetime(["2020-01-31", "2021-02-03", None]),
            "yes": [True, False, True],
        },
        index=[7, 7, 9],
    )
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    expected = read_manifest(tmp_path / "t.parquet", ["NA"])
    pd.testing.assert_frame_equal(text_frame(frame, ["NA"]), expected)


def test_names_are_texts_and_may_stand_twice():
    frame = pd.DataFrame([[1, 2]], columns=[0, 0])
    assert list(text_frame(frame, []).columns) == ["0", "0"]
