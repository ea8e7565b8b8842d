import pytest
import torch

from mmfeat.record_encoders.training import mean_logits


def test_members_are_averaged_as_probabilities():
    logits = torch.tensor([[[0.0]], [[torch.inf]]])  # one half and one
    assert mean_logits(logits, "binary").item() == pytest.approx(torch.logit(torch.tensor(0.75)))


def test_of_classes_too():
    logits = torch.tensor([[[0.0, 0.0]], [[100.0, 0.0]]])
    probabilities = mean_logits(logits, "multiclass").softmax(dim=-1)
    torch.testing.assert_close(probabilities, torch.tensor([[0.75, 0.25]]))


def test_one_member_is_itself():
    logits = torch.tensor([[[0.3], [-1.2]]])
    torch.testing.assert_close(mean_logits(logits, "binary"), logits[0])


def test_numbers_of_several_networks_are_averaged():
    assert mean_logits(torch.tensor([[[1.0]], [[3.0]]]), "regression").item() == 2.0
