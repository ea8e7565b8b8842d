import dataclasses

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method, load_head
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.head_files import read_description, write_description
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.unseen import UNSEEN_FILE, UnseenAnswers

QUICK = FitOptions(epochs=2, patience=2, batch_size=64, contrastive_epochs=1)
LEARNING = ["logistic", "average", "mmfeat", "boosting", "boosting-average"]
"""Methods whose heads are fitted to the validation part, too."""


@pytest.fixture(scope="module")
def fitted(made_fold):
    data, _ = made_fold()
    return data, {name: _fit(name, data) for name in LEARNING}


def _fit(name, data):
    return fit_head(get_method(name), data, seed=0, options=QUICK)


def _views(data, rows):
    return {
        members: np.tile([m in members for m in range(2)], (len(rows), 1))
        for members in ((0,), (1,), (0, 1))
    }


@pytest.mark.parametrize("name", LEARNING)
def test_every_validation_case_is_answered_through_what_it_has_whole(fitted, name):
    data, heads = fitted
    rows = data.usable(data.val)
    for members, visible in _views(data, rows).items():
        answers = heads[name].unseen.of(rows, visible, 1)
        whole = data.present[rows][:, list(members)].all(axis=1)
        np.testing.assert_array_equal(np.isnan(answers[:, 0]), ~whole)
        assert ((answers[whole] > 0) & (answers[whole] < 1)).all()


@pytest.mark.parametrize("name", LEARNING)
def test_a_cases_own_label_has_no_part_in_its_answer(fitted, name):
    """All labels of the validation part are turned round: nothing of what is kept may follow."""
    data, heads = fitted
    rows = data.usable(data.val)
    (visible,) = [v for members, v in _views(data, rows).items() if members == (0, 1)]
    whole = data.present[rows].all(axis=1)
    of_heads = {"unseen": heads[name].unseen.of(rows, visible, 1)[whole, 0]}
    features = {key: values[rows] for key, values in data.features.items()}
    of_heads["asked"] = heads[name].predict(features, visible)[whole, 0]
    labels = data.labels[rows][whole, 0]
    likelihood = {
        key: np.log(np.where(labels == 1, values, 1 - values)).mean()
        for key, values in of_heads.items()
    }
    assert likelihood["unseen"] < likelihood["asked"]


def test_with_labels_of_noise_only_the_finished_head_knows_the_answers(made_fold):
    data, _ = made_fold(n_cases=120, widths=(60, 3), signal=0.0)
    rows = data.usable(data.val)
    has = data.present[rows][:, 0]
    visible = np.tile([True, False], (len(rows), 1))
    head = _fit("boosting", data)
    features = {key: values[rows] for key, values in data.features.items()}
    labels = data.labels[rows][has, 0] == 1
    known = head.unseen.of(rows, visible, 1)[has, 0]
    asked = head.predict(features, visible)[has, 0]
    gap = {key: v[labels].mean() - v[~labels].mean() for key, v in (("k", known), ("a", asked))}
    assert gap["a"] > gap["k"] + 0.02


@pytest.mark.parametrize("name", LEARNING)
def test_a_saved_head_still_knows_them(fitted, tmp_path, name):
    data, heads = fitted
    heads[name].save(tmp_path)
    again = load_head(tmp_path).unseen
    assert again.rows.tolist() == heads[name].unseen.rows.tolist()
    assert again.answers.keys() == heads[name].unseen.answers.keys()
    for members, values in heads[name].unseen.answers.items():
        np.testing.assert_array_equal(again.answers[members], values)
    (tmp_path / UNSEEN_FILE).unlink()
    write_description(tmp_path, read_description(tmp_path))  # as of a head that kept nothing
    forgotten = load_head(tmp_path).unseen
    assert np.isnan(forgotten.of(data.val, data.present[data.val], 1)).all()


def test_a_torn_file_says_what_to_do(fitted, tmp_path):
    fitted[1]["average"].save(tmp_path)
    (tmp_path / UNSEEN_FILE).write_bytes(b"half")
    with pytest.raises(TrainError, match=r"unseen\.safetensors: damaged .* --overwrite"):
        load_head(tmp_path)
    with pytest.raises(TrainError, match=r"unseen\.safetensors: cannot be read .* --overwrite"):
        UnseenAnswers.load(tmp_path)


def test_a_file_that_has_gone_is_not_a_head_that_kept_nothing(fitted, tmp_path):
    fitted[1]["average"].save(tmp_path)
    (tmp_path / UNSEEN_FILE).unlink()
    with pytest.raises(TrainError, match=r"unseen\.safetensors: cannot be read .* --overwrite"):
        load_head(tmp_path)


@pytest.mark.parametrize("name", ["paper", "image-only"])
def test_networks_that_only_stop_by_the_validation_part_may_be_asked(made_fold, name):
    assert _fit(name, made_fold()[0]).unseen is None


def test_rows_and_sets_that_nobody_kept_are_unknown():
    kept = UnseenAnswers(np.array([2, 5]), {(0,): np.array([[0.25], [0.75]])})
    visible = np.array([[True, False], [True, False], [True, True], [False, False]])
    found = kept.of(np.array([5, 4, 2, 2]), visible, 1)
    np.testing.assert_array_equal(found[:, 0], [0.75, np.nan, np.nan, np.nan])


def test_only_validation_cases_are_kept(made_fold):
    data, _ = made_fold(n_cases=60)
    data = dataclasses.replace(data, train=np.arange(0, 40), val=np.arange(40, 50))
    learnt = np.arange(30, 50)
    kept = UnseenAnswers.of_learnt(data, learnt, {(1,): learnt[:, None] / 100})
    assert kept.rows.tolist() == list(range(40, 50))
    has = data.present[40:50, 1]
    np.testing.assert_array_equal(kept.answers[1,][has, 0], (np.arange(40, 50) / 100)[has])
