import dataclasses

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion.linear_models.linear import choose_and_fit
from mmfeat.fusion.linear_models.unimodal import unimodal_models


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_a_logit_is_known_exactly_where_the_modality_is_present(made_fold, kind):
    data, _ = made_fold(kind=kind)
    single = unimodal_models(data)
    shape = (len(single.rows), 2, data.n_outputs)
    assert single.out_of_fold.shape == shape
    known = ~np.isnan(single.out_of_fold)
    np.testing.assert_array_equal(
        known, np.broadcast_to(data.present[single.rows][..., None], shape)
    )


def test_labelled_cases_of_the_training_and_validation_parts_are_learnt_from(made_fold):
    data, _ = made_fold()
    labels = data.labels.copy()
    labels[data.train[:5]] = np.nan
    data = dataclasses.replace(data, labels=labels)
    expected = np.setdiff1d(np.union1d(data.train, data.val), data.train[:5])
    np.testing.assert_array_equal(unimodal_models(data).rows, expected)


def test_patients_are_whole_in_the_inner_folds(made_fold):
    data, _ = made_fold()
    single = unimodal_models(data)
    fold_of = {}
    for row, fold in zip(single.rows, single.folds, strict=True):
        assert fold_of.setdefault(data.patient_ids[row], fold) == fold
    assert set(single.folds.tolist()) == set(range(5))


def test_each_modality_is_fitted_on_the_cases_that_have_it(made_fold):
    data, _ = made_fold()
    single = unimodal_models(data)
    for position, features in enumerate(data.features.values()):
        has = data.present[single.rows, position]
        alone = choose_and_fit(
            features[single.rows[has]],
            data.labels[single.rows[has]],
            single.folds[has],
            data.task,
        )
        chosen = single.chosen[position]
        np.testing.assert_array_equal(chosen.model.coefficients, alone.model.coefficients)
        assert chosen.penalties == alone.penalties
        np.testing.assert_array_equal(single.out_of_fold[has, position], alone.out_of_fold)


def test_the_next_method_on_the_same_fold_finds_the_models_ready(made_fold):
    data, _ = made_fold()
    first = unimodal_models(data)
    assert unimodal_models(data) is first
    same = dataclasses.replace(data)  # alike, but another fold for all that is known
    assert unimodal_models(same) is not first


def test_one_class_or_a_modality_without_cases_is_refused(made_fold):
    data, _ = made_fold()
    with pytest.raises(TrainError, match="at most one class among them"):
        unimodal_models(dataclasses.replace(data, labels=np.zeros_like(data.labels)))
    present = np.column_stack([np.ones(len(data.labels), bool), np.zeros(len(data.labels), bool)])
    with pytest.raises(TrainError, match="no labelled case of the training part has the modality"):
        unimodal_models(dataclasses.replace(data, present=present))
