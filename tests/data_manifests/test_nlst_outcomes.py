import numpy as np
import pandas as pd
import pytest
from mmfeat.data_manifests.nlst.outcomes import outcomes


@pytest.mark.parametrize(
    ("diagnosed", "followed", "one_year", "six_years", "days"),
    [
        (10, np.nan, 1, 1, 0),
        (374, np.nan, 1, 1, 364),
        (375, np.nan, 0, 1, 365),
        (10 + 2190, np.nan, 0, 0, 2190),
        (np.nan, 10 + 364, np.nan, np.nan, 364),
        (np.nan, 10 + 365, 0, np.nan, 365),
        (np.nan, 10 + 2190, 0, 0, 2190),
    ],
)
def test_labels_are_by_days_and_unknown_where_follow_up_ended_before(
    diagnosed, followed, one_year, six_years, days
):
    frame = pd.DataFrame({"screened": [10.0], "diagnosed": [diagnosed], "followed": [followed]})
    (row,) = outcomes(frame).labels.to_dict("records")
    assert row["lung_cancer_days"] == days
    assert row["lung_cancer"] == (not np.isnan(diagnosed))
    found = [row["cancer_1y"], row["cancer_6y"]]
    assert np.array_equal(found, [one_year, six_years], equal_nan=True)
