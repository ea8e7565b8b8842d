import dataclasses

import numpy as np

from mmfeat.fusion.cell_dropout import N_COPIES, CellDropout
from mmfeat.fusion.linear_models.joint_linear import joint_model, joint_sets, linear_models
from mmfeat.fusion.linear_models.linear import choose_and_fit
from mmfeat.fusion.linear_models.unimodal import unimodal_models, with_gappy_copies


def test_a_joint_model_is_the_linear_model_of_all_columns_of_the_cases_that_have_them(made_fold):
    data, _ = made_fold()
    single = unimodal_models(data)
    has = data.present[single.rows].all(axis=1)
    columns = np.hstack([values[single.rows[has]] for values in data.features.values()])
    expected = choose_and_fit(columns, data.labels[single.rows[has]], single.folds[has], data.task)
    found = joint_model(data, (0, 1))
    np.testing.assert_allclose(found.model.coefficients, expected.model.coefficients)
    assert found.out_of_fold.shape == (has.sum(), 1)


def test_where_cells_are_hidden_a_joint_model_learns_from_copies_with_gaps_too(made_fold):
    data, _ = made_fold()
    hides = CellDropout(np.arange(3), np.zeros(3, np.float32), largest_share=0.75)
    data = dataclasses.replace(data, cell_dropout={"m1": hides})
    rows = np.flatnonzero(data.present.all(axis=1))
    features, of_copy = with_gappy_copies(data, rows, (0, 1))
    np.testing.assert_array_equal(of_copy, np.tile(np.arange(len(rows)), 1 + N_COPIES))
    np.testing.assert_array_equal(features[:, :6], data.features["m0"][rows][of_copy])
    hidden = features[:, 6:] != data.features["m1"][rows][of_copy]
    assert not hidden[: len(rows)].any()
    assert 0.2 < hidden[len(rows) :].mean() < 0.55
    learnt = joint_model(data, (0, 1))
    has = data.present[unimodal_models(data).rows].all(axis=1)
    assert learnt.out_of_fold.shape == (has.sum(), 1)


def test_a_joint_model_is_fitted_once_for_a_fold(made_fold):
    data, _ = made_fold()
    assert joint_model(data, (0, 1)) is joint_model(data, (0, 1))


def test_a_set_that_hardly_any_case_has_whole_gets_no_joint_model(made_fold):
    data, _ = made_fold()
    present = np.zeros_like(data.present)
    present[::2, 0] = present[1::2, 1] = True
    assert joint_sets(data) == [(0, 1)]
    assert joint_sets(dataclasses.replace(data, present=present)) == []


def test_all_linear_models_of_a_fold_come_together(made_fold):
    data, _ = made_fold()
    models = linear_models(data)
    assert len(models.chosen) == 2
    assert list(models.joint) == [(0, 1)]
