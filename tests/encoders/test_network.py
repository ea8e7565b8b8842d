"""A frozen network stays as it is, and runs where it was told to."""

import numpy as np
import pytest
import torch
from torch import nn

from mmfeat.encoders.network import FrozenNetwork, resolve_device
from mmfeat.errors import EncoderError


def test_auto_is_the_gpu_where_there_is_one():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert resolve_device("auto").type == expected


def test_a_device_is_named_as_torch_names_it():
    assert resolve_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:999", "hpu", "meta"])
def test_a_device_that_cannot_be_used_is_refused_in_one_line_with_the_reason(name):
    with pytest.raises(EncoderError, match=r"cannot be used here \(.+\); try `auto` or") as caught:
        resolve_device(name)
    assert str(caught.value).startswith(f"device `{name}` ")
    assert "\n" not in str(caught.value)


def test_numbers_go_in_and_come_out_as_float32_arrays():
    network = FrozenNetwork(nn.Flatten(), "cpu")
    batch = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    out = network(batch)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, batch.reshape(2, 6))


def test_dropout_is_off_and_statistics_of_batches_are_not_learnt():
    norm = nn.BatchNorm1d(3)
    network = FrozenNetwork(nn.Sequential(nn.Dropout(0.5), norm), "cpu")
    batch = np.full((4, 3), 8, np.float32)
    np.testing.assert_allclose(network(batch), 8 / np.sqrt(1 + norm.eps), rtol=1e-6)
    assert norm.running_mean.tolist() == [0, 0, 0]
    assert norm.num_batches_tracked.item() == 0


def test_nothing_of_it_can_be_trained_or_keeps_a_graph():
    module = nn.Linear(3, 2)
    FrozenNetwork(module, "cpu")
    assert not any(parameter.requires_grad for parameter in module.parameters())


def test_tf32_is_off_while_it_runs_and_as_before_afterwards():
    seen = []

    class Watching(nn.Module):
        def forward(self, batch):
            seen.append((torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic))
            return batch

    before = torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic
    FrozenNetwork(Watching(), "cpu")(np.zeros((1, 1), np.float32))
    assert seen == [(False, True)]
    assert (torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic) == before
