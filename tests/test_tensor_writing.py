import errno
import resource

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from mmfeat.disk_trouble import is_of_disk
from mmfeat.tensor_writing import save_arrays, save_tensors


def test_arrays_in_any_memory_order_are_what_they_were(tmp_path):
    transposed = np.arange(6.0).reshape(2, 3).T
    save_arrays({"a": transposed}, tmp_path / "a.safetensors")
    np.testing.assert_array_equal(load_file(tmp_path / "a.safetensors")["a"], transposed)


def test_tensors_that_share_their_memory_are_written_twice(tmp_path):
    tensor = torch.arange(3.0)
    save_tensors({"a": tensor, "b": tensor}, tmp_path / "a.safetensors", metadata={"of": "me"})
    assert load_file(tmp_path / "a.safetensors")["b"].tolist() == [0.0, 1.0, 2.0]


@pytest.fixture
def small_files():
    """Let no file grow beyond 10 kB, as a full disk or a quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "save",
    [
        lambda file: save_arrays({"a": np.zeros(100_000)}, file),
        lambda file: save_tensors({"a": torch.zeros(100_000)}, file, metadata={}),
    ],
    ids=["arrays", "tensors"],
)
def test_a_disk_that_refuses_is_an_error_of_the_disk(tmp_path, small_files, save):
    file = tmp_path / "a.safetensors"
    with pytest.raises(OSError, match="File too large") as refused:
        save(file)
    assert (refused.value.errno, refused.value.filename) == (errno.EFBIG, str(file))
    assert is_of_disk(refused.value)
