"""The contract of every entry of the table of methods."""

import dataclasses
import functools
import json

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion import METHODS, get_method, load_head
from mmfeat.fusion.contract import FitOptions, Head, Method
from mmfeat.fusion.training.running import fit_head

QUICK = FitOptions(epochs=2, patience=2, batch_size=64, contrastive_epochs=1, learning_rate=3e-3)
LONGER = {"epochs": 30, "patience": 8, "contrastive_epochs": 3}
"""Where something has to be learnt."""
KINDS = ("binary", "multiclass", "multilabel", "regression", "several")
BLIND_FOR = {(True, False): "table-only", (False, True): "image-only"}
"""Methods that see nothing of a view: the first modality is an image, the second a record."""


@pytest.fixture(params=METHODS)
def method(request):
    return get_method(request.param)


def _fit(method, data, seed=0, **options):
    return fit_head(method, data, seed=seed, options=dataclasses.replace(QUICK, **options))


@pytest.fixture(scope="module")
def fitted(made_fold):
    """A function that gives the same head to every test: its data, test rows and the head."""

    @functools.cache
    def fit(method, kind="binary"):
        data, test = made_fold(kind=kind)
        return data, test, _fit(method, data)

    return fit


def _predict(head, data, rows, visible=None):
    visible = data.present[rows] if visible is None else visible
    features = {name: values[rows] for name, values in data.features.items()}
    return head.predict(features, visible, _sets(data, rows))


def _sets(data, rows):
    return {name: scans.of_cases(np.array(rows)) for name, scans in data.sets.items()}


def _features(data, rows):
    return {name: values[rows] for name, values in data.features.items()}


def _bytes(head, folder):
    head.save(folder)
    return (folder / "model.safetensors").read_bytes()


def test_it_is_a_method_named_as_in_the_table_with_a_line_on_what_it_does(method):
    assert isinstance(method, Method)
    assert METHODS[method.name]
    assert 10 < len(method.summary) < 100
    assert "\n" not in method.summary


@pytest.mark.parametrize("kind", KINDS)
def test_answers_have_the_shape_and_range_of_their_kind(method, fitted, kind):
    data, test, head = fitted(method, kind)
    assert isinstance(head, Head)
    answers = _predict(head, data, test)
    assert answers.shape == (len(test), data.n_outputs)
    assert answers.dtype == np.float64
    assert np.isfinite(answers).all()
    for part, outputs, _ in data.task.places():
        if part.kind != "regression":
            assert ((answers[:, outputs] > 0) & (answers[:, outputs] < 1)).all()
        if part.kind == "multiclass":
            np.testing.assert_allclose(answers[:, outputs].sum(axis=1), 1.0)


def test_the_loss_on_cases_that_were_not_learnt_from_is_told(method, fitted):
    _, _, head = fitted(method)
    assert 0.1 < head.validation < 3


@pytest.mark.parametrize("widths", [(5,), (3, 4, 2), (2, 2, 2, 2, 2)])
def test_any_number_of_modalities_is_answered_in_every_set_of_them(method, made_fold, widths):
    data, _ = made_fold(widths=widths, n_cases=100)
    if method.name == "table-only" and len(widths) == 1:
        data = dataclasses.replace(data, records=frozenset(data.modalities))
    head = _fit(method, data, epochs=1, contrastive_epochs=1)
    sets = np.array(np.meshgrid(*[[False, True]] * len(widths))).reshape(len(widths), -1).T
    sets = sets[sets.any(axis=1)]
    for visible in sets:
        assert np.isfinite(_predict(head, data, [0, 1], np.tile(visible, (2, 1)))).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_head_predicts_the_same(method, fitted, tmp_path, kind):
    data, test, head = fitted(method, kind)
    head.save(tmp_path / "head")
    again = load_head(tmp_path / "head")
    np.testing.assert_array_equal(_predict(again, data, test), _predict(head, data, test))
    assert again.validation == head.validation
    assert json.loads((tmp_path / "head" / "head.json").read_text())["method"] == method.name


def test_the_same_seed_gives_the_same_bytes_whatever_was_drawn_before(method, fitted, tmp_path):
    data, _, head = fitted(method)
    first = _bytes(head, tmp_path / "first")
    torch.rand(7)
    same = dataclasses.replace(data)
    assert _bytes(_fit(method, same), tmp_path / "second") == first


def test_another_seed_gives_another_head_where_the_seed_is_used(method, fitted, tmp_path):
    data, _, head = fitted(method)
    description = []
    for name, one in (("first", head), ("other", _fit(method, data, seed=1))):
        history = getattr(one, "history", ())
        description.append((_bytes(one, tmp_path / name), str(history)))
    assert (description[0] != description[1]) == method.uses_seed


def test_training_leaves_the_global_random_state_alone(method, made_fold):
    data, _ = made_fold()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    _fit(method, data, epochs=1)
    torch.testing.assert_close(torch.rand(3), expected)


def test_rows_of_the_test_part_are_not_looked_at(method, fitted, tmp_path):
    data, test, head = fitted(method)
    expected = _bytes(head, tmp_path / "clean")
    poisoned_features = {name: values.copy() for name, values in data.features.items()}
    for values in poisoned_features.values():
        values[test] = np.nan
    labels, present = data.labels.copy(), data.present.copy()
    labels[test], present[test] = 77.0, True
    poisoned = dataclasses.replace(data, features=poisoned_features, labels=labels, present=present)
    assert _bytes(_fit(method, poisoned), tmp_path / "poisoned") == expected


def test_absent_features_are_not_learnt_from(method, fitted, tmp_path):
    data, _, head = fitted(method)
    expected = _bytes(head, tmp_path / "clean")
    poisoned = {
        name: np.where(data.present[:, [m]], values, np.float32(np.nan))
        for m, (name, values) in enumerate(data.features.items())
    }
    found = _bytes(
        _fit(method, dataclasses.replace(data, features=poisoned)), tmp_path / "poisoned"
    )
    assert found == expected


def test_what_is_not_visible_changes_nothing(method, fitted):
    data, test, head = fitted(method, "multiclass")
    visible = np.tile([True, False], (len(test), 1))
    expected = _predict(head, data, test, visible)
    garbage = {**data.features, "m1": np.full_like(data.features["m1"], np.nan)}
    garbled = dataclasses.replace(data, features=garbage)
    np.testing.assert_array_equal(_predict(head, garbled, test, visible), expected)


def test_cases_are_answered_one_by_one(method, fitted):
    data, test, head = fitted(method)
    order = np.random.default_rng(0).permutation(test)
    together, shuffled = _predict(head, data, test), _predict(head, data, order)
    position = {row: place for place, row in enumerate(order)}
    np.testing.assert_allclose(shuffled[[position[row] for row in test]], together, atol=1e-6)


def test_an_easy_signal_is_learnt_in_every_view(method, made_fold):
    data, test = made_fold(n_cases=800, widths=(4, 4), signal=4.0)
    head = _fit(method, data, **LONGER)
    for visible, least in (([True, True], 0.75), ([True, False], 0.62), ([False, True], 0.62)):
        if method.name.startswith(BLIND_FOR.get(tuple(visible), "nothing")):
            continue
        if "-only" in method.name:
            least = 0.62
        rows = test[data.present[test][:, visible].all(axis=1)]
        probabilities = _predict(head, data, rows, np.tile(visible, (len(rows), 1)))
        assert roc_auc_score(data.labels[rows, 0], probabilities[:, 0]) > least


def test_a_training_part_with_one_class_is_an_error_that_says_so(method, made_fold):
    data, _ = made_fold()
    one_class = dataclasses.replace(data, labels=np.ones_like(data.labels))
    with pytest.raises(TrainError, match="at most one class"):
        _fit(method, one_class)


def test_a_modality_that_no_training_case_has_is_an_error_that_names_it(method, made_fold):
    data, _ = made_fold()
    present = data.present.copy()
    present[:, 1] = False
    present[:, 0] = True
    with pytest.raises(TrainError, match="the modality `m1`"):
        _fit(method, dataclasses.replace(data, present=present))


def test_a_case_with_nothing_visible_is_refused(method, fitted):
    data, test, head = fitted(method)
    visible = data.present[test].copy()
    visible[2] = False
    with pytest.raises(ValueError, match="1 cases have no visible modality, the first is row 2"):
        _predict(head, data, test, visible)


def test_features_of_another_width_are_refused(method, fitted):
    data, test, head = fitted(method)
    features = _features(data, test)
    features["m1"] = features["m1"][:, :2]
    with pytest.raises(ValueError, match="features must be"):
        head.predict(features, data.present[test], _sets(data, test))


@pytest.mark.parametrize("name", [n for n in METHODS if n != "average"])
def test_a_request_to_stop_is_followed_within_an_epoch(made_fold, name):
    data, _ = made_fold()
    with pytest.raises(Interrupted):
        fit_head(get_method(name), data, seed=0, options=QUICK, should_stop=lambda: True)


def test_an_unknown_method_is_an_error_that_names_the_nearest():
    with pytest.raises(TrainError, match="unknown method `papr`; did you mean `paper`"):
        get_method("papr")


@pytest.mark.parametrize("name", ["mmfeat", "logistic", "average", "boosting"])
def test_a_label_with_one_class_gets_its_base_rate(made_fold, name):
    data, test = made_fold(kind="multilabel")
    labels = data.labels.copy()
    labels[:, 1] = np.where(np.isnan(labels[:, 1]), np.nan, 0.0)
    head = _fit(get_method(name), dataclasses.replace(data, labels=labels), epochs=1)
    assert (_predict(head, data, test)[:, 1] < 0.05).all()
