"""Cells are hidden whole, of those who have a record only, as often as asked for."""

import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.fusion import get_method
from mmfeat.fusion.cell_dropout import N_COPIES, CellDropout
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.linear_models.unimodal import unimodal_models
from mmfeat.fusion.training.cell_hider import CellHider
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.training.viewed_cases import viewed_cases
from mmfeat.fusion.views import every_view
from mmfeat.metrics import auroc

COLUMN_OF = np.array([0, 0, 1, 2, 2, 2])
WHEN_UNKNOWN = np.array([9.0, 8.0, 7.0, 6.0, 5.0, 4.0], dtype=np.float32)
FIRST = np.array([0, 2, 3])
"""The first number of each of the three columns."""


def _dropout(largest_share=0.6):
    return CellDropout(COLUMN_OF, WHEN_UNKNOWN, largest_share)


def _check_whole_columns(features):
    """Each number is as before (0) or as in an unknown cell, the same for its whole column."""
    hidden = features == WHEN_UNKNOWN
    assert (hidden | (features == 0)).all()
    np.testing.assert_array_equal(hidden, hidden[:, FIRST][:, COLUMN_OF])
    return hidden[:, FIRST]


def test_copies_come_after_the_cases_themselves_and_lack_whole_cells():
    features = np.zeros((500, 6), dtype=np.float32)
    copies = _dropout().copies(features)
    assert copies.shape == ((1 + N_COPIES) * 500, 6)
    assert copies.dtype == np.float32
    np.testing.assert_array_equal(copies[:500], features)
    hidden = _check_whole_columns(copies[500:])
    assert hidden.mean() == pytest.approx(0.3, abs=0.02)  # the mean of shares from 0 to 0.6
    np.testing.assert_array_equal(copies, _dropout().copies(features))


def test_a_batch_loses_cells_of_cases_with_a_record_and_other_ones_each_time():
    present = torch.arange(2000) % 2 == 0
    hider = CellHider(_dropout(), "cpu")
    torch.manual_seed(0)
    one, other = (hider(torch.zeros(2000, 6), present).numpy() for _ in range(2))
    assert not one[~present].any()
    hidden = _check_whole_columns(one[present])
    assert hidden.mean() == pytest.approx(0.3, abs=0.02)
    assert hidden.mean(axis=1).max() == 1.0
    assert (one != other).any()


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_that_hides_nothing_or_too_much_is_a_mistake_of_the_caller(share):
    with pytest.raises(ValueError, match=f"a share above 0, got .* and {share}"):
        _dropout(share)


@pytest.fixture
def with_dropout(made_fold):
    """A fold whose second modality is a record of two columns, the second of two numbers."""
    data, test = made_fold(missing=0.2)
    dropout = CellDropout(np.array([0, 1, 1]), np.zeros(3, dtype=np.float32), 0.9)
    return dataclasses.replace(data, cell_dropout={"m1": dropout}), data, test


def test_gaps_are_only_in_records_and_only_where_asked_for(with_dropout):
    gappy, data, _ = with_dropout
    cases = viewed_cases(gappy, gappy.train, every_view(2), "cpu")
    gaps = cases.with_gaps()
    torch.testing.assert_close(gaps.features[0], cases.features[0])
    assert (gaps.features[1] != cases.features[1]).any()
    whole = viewed_cases(data, data.train, every_view(2), "cpu")
    torch.testing.assert_close(whole.with_gaps().features, whole.features)


def test_a_linear_model_of_a_record_learns_from_gaps_and_is_judged_on_whole_records(with_dropout):
    gappy, data, _ = with_dropout
    with_gaps, without = unimodal_models(gappy), unimodal_models(data)
    assert with_gaps.out_of_fold.shape == without.out_of_fold.shape
    np.testing.assert_array_equal(np.isnan(with_gaps.out_of_fold), np.isnan(without.out_of_fold))
    one, other = with_gaps.chosen[1].model, without.chosen[1].model
    assert (one.coefficients != other.coefficients).all()
    np.testing.assert_array_equal(
        with_gaps.chosen[0].model.coefficients, without.chosen[0].model.coefficients
    )


def test_what_stands_for_an_unknown_cell_is_learnt_though_no_training_record_has_a_gap(made_fold):
    """A flag for unknown that is 1 in two training cases by chance does not mislead."""
    data, test = made_fold(n_cases=600, widths=(4,), missing=0.0)
    features = data.features["m0"]
    flag = np.zeros((len(features), 1), dtype=np.float32)
    positive = data.train[data.labels[data.train, 0] == 1]
    flag[positive[:2]] = 8.0
    encoded = np.hstack([features, flag])
    dropout = CellDropout(np.array([0, 1, 2, 3, 3]), np.float32([0, 0, 0, 0, 8]), 0.75)
    hidden = encoded[test].copy()
    hidden[::2, 3:] = [0.0, 8.0]
    found = []
    for how in ({}, {"m0": dropout}):
        fold = dataclasses.replace(data, features={"m0": encoded}, cell_dropout=how)
        model = unimodal_models(fold).chosen[0].model
        found.append(auroc(data.labels[test, 0], model.logits(hidden)[:, 0]))
    assert found[1] > found[0] + 0.05


def test_networks_are_trained_on_gaps_and_the_same_seed_gives_the_same_head(with_dropout):
    gappy, data, test = with_dropout
    options = FitOptions(epochs=1, contrastive_epochs=0)
    features = {name: values[test] for name, values in data.features.items()}

    def probabilities(fold):
        head = fit_head(get_method("smd-token"), fold, seed=0, options=options)
        return head.predict(features, data.present[test])

    with_gaps = probabilities(gappy)
    np.testing.assert_array_equal(with_gaps, probabilities(gappy))
    assert (with_gaps != probabilities(data)).any()
