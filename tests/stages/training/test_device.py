import pytest
import torch
from threadpoolctl import threadpool_info

from mmfeat.core_budget import allotted_cores
from mmfeat.errors import TrainError
from mmfeat.stages.training.device import few_threads, most_processes, training_device


def _numpy_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def three_threads():
    """Give torch three threads for the test."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_auto_is_a_gpu_where_there_is_one_and_the_cpu_elsewhere():
    assert training_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert training_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["cuda:99", f"cuda:{torch.cuda.device_count()}"])
def test_a_gpu_that_is_not_there_is_refused_with_the_number_of_those_that_are(name):
    count = torch.cuda.device_count()
    with pytest.raises(
        TrainError, match=rf"`{name}` is not there \({count} CUDA devices are\); use `auto`"
    ):
        training_device(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_without_number_is_the_first():
    with pytest.raises(TrainError, match=r"`cuda` is not there \(0 CUDA devices are\)"):
        training_device("cuda")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="there is Metal")
def test_metal_that_is_not_there_is_refused():
    with pytest.raises(TrainError, match="`mps` is not there; use `auto` or `cpu`"):
        training_device("mps")


def test_a_small_cohort_is_trained_on_one_thread_and_the_others_come_back(three_threads):
    before = _numpy_threads()
    with few_threads(4095):
        assert torch.get_num_threads() == 1
        assert _numpy_threads() == {1}
    assert torch.get_num_threads() == 3
    assert _numpy_threads() == before


def test_threads_come_back_after_an_error_too(three_threads):
    with pytest.raises(TrainError, match=r"^stopped$"), few_threads(10):
        raise TrainError("stopped")
    assert torch.get_num_threads() == 3


def test_a_large_cohort_keeps_all_threads(three_threads):
    before = _numpy_threads()
    with few_threads(4096):
        assert torch.get_num_threads() == 3
        assert _numpy_threads() == before


def test_many_heads_of_a_large_cohort_are_trained_on_one_thread_each(three_threads):
    with few_threads(4096, n_heads=4):
        assert torch.get_num_threads() == 1
    with few_threads(4096, n_heads=3):
        assert torch.get_num_threads() == 3


@pytest.mark.parametrize(
    ("device", "n_cases", "n_heads", "workers", "expected"),
    [
        ("cpu", 100, 20, 3, 3),
        ("cpu", 100, 2, 3, 2),  # no more than there are heads
        ("cpu", 100, 20, None, allotted_cores()),
        ("cuda", 100, 20, 3, 1),
        ("cpu", 4096, 3, 3, 1),  # one after the other, on all threads
        ("cpu", 4096, 4, 3, 3),
    ],
)
def test_processes_are_as_many_as_asked_for_where_they_are_of_use(
    device, n_cases, n_heads, workers, expected
):
    found = most_processes(device, n_cases=n_cases, n_heads=n_heads, workers=workers)
    assert found == expected
