import dataclasses

import numpy as np
import pytest

from mmfeat.fusion.contract import check_visible
from mmfeat.fusion.task import Task


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"present": np.ones((160, 3), dtype=bool)}, r"present \(160, 3\) do not fit"),
        ({"labels": np.zeros((160, 2))}, r"labels must be \(160, 1\), got \(160, 2\)"),
        ({"task": Task.single("multilabel", 2)}, r"labels must be \(160, 2\), got \(160, 1\)"),
    ],
)
def test_parts_that_do_not_fit_are_refused(made_fold, changes, message):
    data, _ = made_fold()
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(data, **changes)


def test_usable_rows_have_a_label_and_something_to_see(made_fold):
    data, _ = made_fold()
    labels, present = data.labels.copy(), data.present.copy()
    labels[3], present[5] = np.nan, False
    changed = dataclasses.replace(data, labels=labels, present=present)
    assert changed.usable(np.arange(2, 7)).tolist() == [2, 4, 6]


def test_a_mask_of_other_modalities_is_refused():
    features = {"a": np.zeros((2, 3), np.float32)}
    with pytest.raises(ValueError, match=r"visible must be \(cases, 1\), got \(2, 2\)"):
        check_visible(features, np.ones((2, 2), dtype=bool), {"a": 3})
