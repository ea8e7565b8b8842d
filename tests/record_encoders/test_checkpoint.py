import json
import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from mmfeat.errors import RecordError
from mmfeat.record_encoders.checkpoint import load_strictly, read_checkpoint

STATE = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}
CONFIG = {"width": 2}


@pytest.fixture
def file(tmp_path):
    torch.save({"config": CONFIG, "state_dict": STATE}, tmp_path / "a.ckpt")
    return tmp_path / "a.ckpt"


def test_a_checkpoint_says_its_settings_and_tensors(file):
    checkpoint = read_checkpoint(file)
    assert (checkpoint.config, checkpoint.architecture) == (CONFIG, None)
    network = load_strictly(nn.Linear(3, 2), checkpoint)
    assert torch.equal(network.weight, STATE["weight"])
    assert not network.training
    assert not network.weight.requires_grad


def test_a_safetensors_file_has_its_settings_in_the_header(tmp_path):
    header = {"config": json.dumps(CONFIG), "architecture_name": json.dumps("tabpfn_v3")}
    save_file(STATE, tmp_path / "a.safetensors", metadata=header)
    checkpoint = read_checkpoint(tmp_path / "a.safetensors")
    assert (checkpoint.config, checkpoint.architecture) == (CONFIG, "tabpfn_v3")
    assert checkpoint.tensors.keys() == STATE.keys()


@pytest.mark.parametrize("name", ["a.ckpt", "a.safetensors"])
def test_a_pickle_is_not_run(tmp_path, name):
    witness = tmp_path / "witness"

    class Harmful:
        def __reduce__(self):
            return (witness.touch, ())

    content = {"config": CONFIG, "state_dict": STATE, "other": Harmful()}
    (tmp_path / name).write_bytes(pickle.dumps(content, protocol=2))
    torch.save(content, tmp_path / "b.ckpt")
    for file in (tmp_path / name, tmp_path / "b.ckpt"):
        with pytest.raises(RecordError, match="torn"):
            read_checkpoint(file)
    assert not witness.exists()


def test_torn_missing_and_foreign_files_are_refused(file, tmp_path):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(RecordError, match=r"a.ckpt: torn"):
        read_checkpoint(file)
    with pytest.raises(RecordError, match="no such file; `encoder_weights` names"):
        read_checkpoint(tmp_path / "nowhere.ckpt")
    torch.save(STATE, file)
    with pytest.raises(RecordError, match="has no `config` and `state_dict`"):
        read_checkpoint(file)
    torch.save([1], file)
    with pytest.raises(RecordError, match="has no `config` and `state_dict`"):
        read_checkpoint(file)


@pytest.mark.parametrize(
    "network", [nn.Linear(3, 4), nn.Linear(3, 2, bias=False), nn.Sequential(nn.Linear(3, 2))]
)
def test_tensors_of_another_network_are_refused(file, network):
    with pytest.raises(RecordError, match="its tensors are not those of its network"):
        load_strictly(network, read_checkpoint(file))
