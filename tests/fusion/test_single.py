import dataclasses

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import check_modalities, get_method
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.single import only
from mmfeat.fusion.training.running import fit_head

QUICK = FitOptions(epochs=2, batch_size=64, learning_rate=3e-3)


@pytest.fixture(scope="module")
def fold(made_fold):
    data, test = made_fold(widths=(4, 3, 2))
    return dataclasses.replace(data, records=frozenset(["m2"])), test


def _answers(head, data, rows, visible):
    features = {name: values[rows] for name, values in data.features.items()}
    return head.predict(features, np.tile(visible, (len(rows), 1)))


@pytest.mark.parametrize(
    ("name", "seen"),
    [("image-only", [0, 1]), ("table-only", [2]), ("m1-only", [1])],
)
def test_only_its_own_modalities_change_the_answer(fold, name, seen):
    data, test = fold
    head = fit_head(get_method(name), data, seed=0, options=QUICK)
    everything = _answers(head, data, test, [True] * 3)
    own = _answers(head, data, test, [m in seen for m in range(3)])
    np.testing.assert_array_equal(everything, own)
    assert everything.std() > 0.001


def test_where_nothing_of_it_is_visible_the_base_rate_is_answered(fold):
    data, test = fold
    head = fit_head(get_method("table-only"), data, seed=0, options=QUICK)
    labels = data.labels[data.usable(data.train)]
    base = (labels.sum() + 0.5) / (len(labels) + 1)
    np.testing.assert_allclose(_answers(head, data, test, [True, True, False]), base)


def test_it_is_trained_on_every_case_that_has_it_and_no_other(fold):
    data, test = fold
    without = ~data.present[:, 2]
    labels = data.labels.copy()
    labels[without] = 1 - labels[without]
    changed = dataclasses.replace(data, labels=labels)
    first, second = (
        fit_head(get_method("table-only"), one, seed=0, options=QUICK) for one in (data, changed)
    )
    seen = [False, False, True]
    np.testing.assert_array_equal(
        _answers(first, data, test, seen), _answers(second, data, test, seen)
    )


def test_heads_of_one_fold_share_what_is_left_of_it(fold):
    data, _ = fold
    assert only(data, ("m1",)) is only(data, ("m1",))
    assert list(only(data, ("m0", "m2")).features) == ["m0", "m2"]
    assert only(data, ("m0", "m2")).records == {"m2"}


@pytest.mark.parametrize(
    ("name", "records", "message"),
    [
        ("image-only", ["m0", "m1", "m2"], "no modality is an image"),
        ("table-only", [], r"no modality is a record \(m0, m1, m2 are not\)"),
        ("ct-only", [], "about a modality `ct`, but there are m0, m1, m2"),
    ],
)
def test_a_modality_that_there_is_not_is_an_error_that_says_what_there_is(
    fold, name, records, message
):
    data = dataclasses.replace(fold[0], records=frozenset(records))
    with pytest.raises(TrainError, match=message):
        fit_head(get_method(name), data, seed=0, options=QUICK)


def test_names_of_modalities_are_checked_before_anything_is_trained():
    check_modalities(["mmfeat", "image-only", "ct-only"], ["ct", "clinical"])
    with pytest.raises(
        TrainError, match=r"no modality `clincal` .*ct, clinical.* did you mean `clinical-only`"
    ):
        check_modalities(["clincal-only"], ["ct", "clinical"])
