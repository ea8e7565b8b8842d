import numpy as np
import pytest
import torch

from mmfeat.fusion.training.network_jobs import LossTerms
from mmfeat.fusion.training.viewed_cases import logits_in_chunks, viewed_cases
from mmfeat.fusion.views import every_view


def test_pairs_are_every_view_of_every_case(made_fold):
    data, _ = made_fold()
    cases = viewed_cases(data, data.train, every_view(2), "cpu")
    view, row, visible = cases.pairs()
    complete = int(data.present[data.train].all(axis=1).sum())
    assert len(view) == 3 * complete + (len(data.train) - complete)
    torch.testing.assert_close(visible, cases.visible[view, row])


def test_a_part_holds_the_same_cases(made_fold):
    data, _ = made_fold()
    cases = viewed_cases(data, data.train, every_view(2), "cpu")
    part = cases.part(torch.tensor([4, 1]))
    assert len(part) == 2
    np.testing.assert_array_equal(part.features[1], data.features["m1"][data.train[[4, 1]]])
    np.testing.assert_array_equal(part.takes_part, cases.takes_part[:, [4, 1]])


def test_what_was_computed_of_pairs_is_put_to_its_place(made_fold):
    data, _ = made_fold()
    cases = viewed_cases(data, data.train, every_view(2), "cpu")
    view, row, _ = cases.pairs()
    spread = cases.spread(torch.stack([view, row], dim=1).float() + 1)
    assert spread.shape == (3, len(cases), 2)
    torch.testing.assert_close(spread[view, row], torch.stack([view, row], dim=1).float() + 1)
    assert not spread[~cases.takes_part].any()


def test_offsets_and_weights_are_those_of_the_rows(made_fold):
    data, _ = made_fold()
    random = np.random.default_rng(0)
    terms = LossTerms(offsets=random.normal(size=(3, 160, 1)), sample_weights=random.random(160))
    cases = viewed_cases(data, data.train, every_view(2), "cpu", terms=terms)
    part = cases.part(torch.tensor([4, 1]))
    rows = data.train[[4, 1]]
    np.testing.assert_allclose(part.offsets, terms.offsets[:, rows], rtol=1e-6)
    expected = np.where(part.takes_part, terms.sample_weights[rows], 0.0)
    np.testing.assert_allclose(part.weights(), expected, rtol=1e-6)
    assert set(viewed_cases(data, rows, every_view(2), "cpu").weights().unique().tolist()) <= {0, 1}


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_chunks_give_what_one_go_gives(chunk):
    features = {"a": np.arange(7, dtype=np.float32)[:, None]}
    visible = np.ones((7, 1), dtype=bool)
    visible[2] = False

    def double(values, rows, seen):
        return 2 * values[0][rows] + seen

    logits = logits_in_chunks(double, features, visible, chunk=chunk)
    assert logits[:, 0].tolist() == [1.0, 3.0, 0.0, 7.0, 9.0, 11.0, 13.0]
