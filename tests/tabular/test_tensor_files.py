import os

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmfeat.errors import FeaturesError
from mmfeat.tabular.tensor_files import read_tensor_file


class _Harm:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["a.pt", "a.pth", "a.safetensors"])
def test_tensors_of_every_precision_become_float32(tmp_path, name, dtype):
    tensors = {"case-1": torch.tensor([0.5, 2.0], dtype=dtype)}
    (save_file if name == "a.safetensors" else torch.save)(tensors, tmp_path / name)
    content = read_tensor_file(tmp_path / name)
    assert content["case-1"].dtype == np.float32
    assert content["case-1"].tolist() == [0.5, 2.0]


def test_lists_and_parameters_in_a_checkpoint_are_plain(tmp_path):
    made = {"case_ids": ["a", "b"], "features": torch.nn.Parameter(torch.ones(2, 3))}
    torch.save(made, tmp_path / "a.pt")
    content = read_tensor_file(tmp_path / "a.pt")
    assert content["case_ids"] == ["a", "b"]
    assert content["features"].shape == (2, 3)


def test_a_tensor_alone_is_an_array(tmp_path):
    torch.save(torch.arange(3), tmp_path / "a.pt")
    assert read_tensor_file(tmp_path / "a.pt").tolist() == [0, 1, 2]


@pytest.mark.parametrize("old", [False, True])
def test_more_than_tensors_is_refused_and_not_run(tmp_path, old):
    mark = tmp_path / "run"
    torch.save({"a": _Harm(mark)}, tmp_path / "a.pt", _use_new_zipfile_serialization=not old)
    with pytest.raises(FeaturesError, match="holds more than tensors, which could run programs"):
        read_tensor_file(tmp_path / "a.pt")
    assert not mark.exists()


def test_a_saved_program_is_refused(tmp_path):
    class Identity(torch.nn.Module):
        def forward(self, x):
            return x

    exported = torch.export.export(Identity(), (torch.ones(1),))
    torch.export.save(exported, tmp_path / "a.pt2")
    (tmp_path / "a.pt2").rename(tmp_path / "a.pt")
    with pytest.raises(FeaturesError, match=r"a\.pt: "):
        read_tensor_file(tmp_path / "a.pt")


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
def test_a_file_cut_off_is_refused(tmp_path, name):
    file = tmp_path / name
    (save_file if name == "a.safetensors" else torch.save)({"a": torch.ones(9)}, file)
    whole = file.read_bytes()
    for size in (0, 5, 20, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(FeaturesError, match=f"{name}: "):
            read_tensor_file(file)
