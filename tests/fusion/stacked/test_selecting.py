import torch

from mmfeat.fusion.stacked.adamw import Moments
from mmfeat.fusion.stacked.selecting import take_heads
from mmfeat.fusion.stacked.stack import HeadWeights


def test_some_heads_of_everything_are_taken():
    rows = torch.arange(6.0).view(3, 2)
    weights = HeadWeights(rows, rows + 10, Moments(rows, rows, torch.arange(3)), None)
    taken = take_heads(weights, torch.tensor([2, 0]))
    assert taken.best.tolist() == [[14.0, 15.0], [10.0, 11.0]]
    assert taken.moments.steps.tolist() == [2, 0]
    assert taken.average is None
