"""A frozen network stays as it is, and runs where it was told to."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from mmfeat.encoders.contract import DeviceUsage
from mmfeat.encoders.networks.network import FrozenNetwork, resolve_device
from mmfeat.errors import DeviceMemoryError, EncoderError


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


class Doubling(nn.Module):
    """Double what comes, if the memory is large enough for it."""

    def __init__(self, most, error):
        super().__init__()
        self.most = most
        self.error = error
        self.sizes = []

    def forward(self, batch):
        self.sizes.append(len(batch))
        if len(batch) > self.most:
            raise self.error
        return 2 * batch


GPU_FULL = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")


def _cpu_full():
    """Return the error that torch raises when the CPU's memory is too small."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10**14)
    return caught.value


@pytest.mark.parametrize("error", [GPU_FULL, _cpu_full()])
def test_where_memory_is_too_small_the_batch_is_halved_and_the_features_are_the_same(error):
    module = Doubling(3, error)
    network = FrozenNetwork(module, "cpu")
    batch = np.arange(20, dtype=np.float32).reshape(10, 2)
    usage = DeviceUsage()
    np.testing.assert_array_equal(network(batch, usage), 2 * batch)
    assert module.sizes == [10, 5, 2, 2, 2, 2, 2]
    assert usage.smallest_batch == 2
    module.sizes.clear()
    later = DeviceUsage()
    np.testing.assert_array_equal(network(batch[:6], later), 2 * batch[:6])
    assert module.sizes == [2, 2, 2]  # it is not tried again
    assert later.smallest_batch == 2


def test_a_single_window_that_does_not_fit_is_an_error_in_one_line():
    network = FrozenNetwork(Doubling(0, GPU_FULL), "cpu")
    with pytest.raises(DeviceMemoryError, match="memory of cpu is too small for one window"):
        network(np.zeros((4, 2), np.float32))


def test_another_fault_of_the_network_is_not_taken_for_a_lack_of_memory():
    module = Doubling(0, RuntimeError("CUDA error: device-side assert"))
    with pytest.raises(RuntimeError, match="device-side assert"):
        FrozenNetwork(module, "cpu")(np.zeros((4, 2), np.float32))
    assert module.sizes == [4]


def test_time_on_the_device_adds_up_over_calls():
    network = FrozenNetwork(nn.Linear(64, 64), "cpu")
    usage = DeviceUsage()
    network(np.zeros((8, 64), np.float32), usage)
    first_s = usage.forward_s
    assert first_s > 0
    network(np.zeros((8, 64), np.float32), usage)
    assert usage.forward_s > first_s
    assert (usage.copy_s, usage.copied_bytes, usage.smallest_batch) == (0.0, 0, None)


def test_one_batch_is_computed_at_a_time_however_many_threads_call():
    inside = []

    class Watching(nn.Module):
        def forward(self, batch):
            inside.append(1)
            assert len(inside) == 1
            busy.wait(0.01)
            inside.pop()
            return batch

    busy = threading.Event()
    network = FrozenNetwork(Watching(), "cpu")
    batches = [np.full((2, 3), number, np.float32) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for batch, found in zip(batches, pool.map(network, batches), strict=True):
            np.testing.assert_array_equal(found, batch)


class AlwaysBatchStatistics(nn.BatchNorm1d):
    """Take the statistics of the batch also in evaluation, and learn from them, as some do."""

    def forward(self, batch):
        return nn.functional.batch_norm(
            batch, self.running_mean, self.running_var, training=True, momentum=0.5
        )


def test_statistics_that_the_network_changes_when_it_runs_are_put_back():
    norm = AlwaysBatchStatistics(3)
    network = FrozenNetwork(norm, "cpu", live_statistics=True)
    batch = np.random.default_rng(0).normal(5, 2, (8, 3)).astype(np.float32)
    first = network(batch)
    assert norm.running_mean.tolist() == [0, 0, 0]
    assert norm.running_var.tolist() == [1, 1, 1]
    np.testing.assert_array_equal(network(batch), first)
    changed = AlwaysBatchStatistics(3)
    FrozenNetwork(changed, "cpu")(batch)
    assert changed.running_mean.tolist() != [0, 0, 0]  # the test would notice


def test_mixed_precision_is_near_float32_and_comes_out_as_float32():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.Flatten())
    batch = np.random.default_rng(0).random((3, 1, 12, 12)).astype(np.float32)
    exact = FrozenNetwork(module, "cpu")(batch)
    mixed = FrozenNetwork(module, "cpu", precision="bfloat16")(batch)
    assert mixed.dtype == np.float32
    assert not np.array_equal(mixed, exact)
    np.testing.assert_allclose(mixed, exact, atol=0.02 * np.abs(exact).max())
