import numpy as np
import pytest
import torch

from mmfeat.fusion.viewed_cases import logits_in_chunks, mean_over_each_view, viewed_cases
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


def test_each_views_mean_is_over_its_known_labels():
    losses = torch.tensor([[1.0, 0.0], [3.0, 5.0], [7.0, 9.0]])
    labels = torch.tensor([[1.0, torch.nan], [0.0, 1.0], [1.0, 1.0]])
    means = mean_over_each_view(losses, labels, torch.tensor([0, 0, 2]), 3)
    assert means.tolist() == [3.0, 0.0, 8.0]


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_chunks_give_what_one_go_gives(chunk):
    features = {"a": np.arange(7, dtype=np.float32)[:, None]}
    visible = np.ones((7, 1), dtype=bool)
    visible[2] = False

    def double(values, rows, seen):
        return 2 * values[0][rows] + seen

    logits = logits_in_chunks(double, features, visible, chunk=chunk)
    assert logits[:, 0].tolist() == [1.0, 3.0, 0.0, 7.0, 9.0, 11.0, 13.0]
