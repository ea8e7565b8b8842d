import dataclasses

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions

QUICK = FitOptions(epochs=2, contrastive_epochs=2)


def _fit(name, data, **options):
    return get_method(name).fit(
        data,
        seed=0,
        options=dataclasses.replace(QUICK, **options),
        device="cpu",
        should_stop=lambda: False,
    )


def _stages(head):
    return [record["stage"] for record in head.history]


def test_a_validation_part_without_labels_is_an_error_that_says_what_to_do(made_fold):
    data, _ = made_fold()
    labels = data.labels.copy()
    labels[data.val] = np.nan
    with pytest.raises(TrainError, match=r"no labelled case; raise `cohort\.split\.val_share`"):
        _fit("paper", dataclasses.replace(data, labels=labels))


def test_the_first_stage_is_left_out_where_it_is_not_wanted_or_has_nothing_to_compare(made_fold):
    data, _ = made_fold()
    assert _stages(_fit("paper", data)) == ["contrastive"] * 3 + ["target"] * 3
    assert _stages(_fit("paper", data, contrastive_epochs=0)) == ["target"] * 3
    assert _stages(_fit("smd-token", data)) == ["target"] * 3
    alone, _ = made_fold(widths=(4,), missing=0.0)
    assert _stages(_fit("paper", alone)) == ["target"] * 3
