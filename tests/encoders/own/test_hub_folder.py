"""Folders of transformers that bring code."""

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mmfeat.encoders.own.hub_folder import brings_code, open_folder
from mmfeat.errors import EncoderError

from ..own_networks import without, write_folder

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("hub") / "tiny")


def test_whether_a_folder_brings_code_is_seen_without_running_it(folder, tmp_path):
    assert brings_code(folder)
    stock = {"model_type": "dinov2", "architectures": ["Dinov2Model"]}
    (tmp_path / "config.json").write_text(json.dumps(stock))
    assert not brings_code(tmp_path)


def test_the_model_has_the_weights_of_the_folder(folder):
    model = open_folder(folder, unused=())
    tensors = load_file(folder / "model.safetensors")
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, tensors[name])
    assert not model.training
    assert model(torch.rand(2, 1, 8, 16, 16)).pooler_output.shape == (2, 6)


def test_half_precision_weights_become_float32(folder, tmp_path):
    half = shutil.copytree(folder, tmp_path / "half")
    tensors = {name: value.half() for name, value in load_file(half / "model.safetensors").items()}
    save_file(tensors, half / "model.safetensors", metadata={"format": "pt"})
    model = open_folder(half, unused=())
    assert {value.dtype for value in model.parameters()} == {torch.float32}


def _with_tensors(folder, copy, change):
    shutil.copytree(folder, copy)
    tensors = change(load_file(folder / "model.safetensors"))
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    return copy


def test_missing_and_unexpected_tensors_are_named(folder, tmp_path):
    def change(tensors):
        return {
            name.replace("norm.bias", "norm.offset"): value for name, value in tensors.items()
        } | {"head.weight": torch.zeros(2)}

    changed = _with_tensors(folder, tmp_path / "changed", change)
    with pytest.raises(EncoderError) as error:
        open_folder(changed, unused=())
    assert "missing: patches.norm.bias; unexpected: head.weight, patches.norm.offset" in str(
        error.value
    )
    assert "\n" not in str(error.value)


def test_heads_may_be_left_out_by_name(folder, tmp_path):
    changed = _with_tensors(
        folder, tmp_path / "headed", lambda tensors: tensors | {"head.weight": torch.zeros(2)}
    )
    with pytest.raises(EncoderError, match=r"unexpected: head\.weight"):
        open_folder(changed, unused=("decoder.",))
    assert open_folder(changed, unused=("head.",)) is not None


def test_a_tensor_of_another_shape_is_named(folder, tmp_path):
    changed = _with_tensors(
        folder,
        tmp_path / "shaped",
        lambda tensors: tensors | {"patches.norm.bias": torch.zeros(7)},
    )
    with pytest.raises(EncoderError, match=r"of another shape: patches\.norm\.bias"):
        open_folder(changed, unused=())


def test_a_folder_without_settings_or_code_is_one_clear_line(folder, tmp_path):
    with pytest.raises(EncoderError, match=r"no config.json in it; `weights` has to be the whole"):
        brings_code(tmp_path)
    with pytest.raises(EncoderError, match=r"its model cannot be made .*tiny_layers"):
        open_folder(without(folder, "tiny_layers.py"), unused=())
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(EncoderError, match=r"config.json: cannot be read .* download the folder"):
        brings_code(tmp_path)


def test_code_of_a_folder_that_fails_is_one_clear_line(tmp_path):
    broken = write_folder(tmp_path / "broken", on_import="raise RuntimeError('two\\nlines')")
    with pytest.raises(EncoderError, match=r"cannot be made \(RuntimeError: two lines\)"):
        open_folder(broken, unused=())


def test_code_of_a_folder_is_offline_while_it_is_loaded(tmp_path):
    ask = "from huggingface_hub import constants; import os\n"
    ask += "Path(__file__).with_name('seen').write_text"
    ask += "(f\"{constants.HF_HUB_OFFLINE} {os.environ['HF_HUB_OFFLINE']}\")"
    before = os.environ.get("HF_HUB_OFFLINE")
    open_folder(write_folder(tmp_path / "asking", on_import=ask), unused=())
    (seen,) = Path(os.environ["HF_MODULES_CACHE"]).rglob("seen")
    assert seen.read_text() == "True 1"
    assert os.environ.get("HF_HUB_OFFLINE") == before
    from huggingface_hub import constants

    assert not constants.HF_HUB_OFFLINE


def test_code_that_has_changed_is_what_runs(tmp_path):
    folder = write_folder(tmp_path / "changing")
    windows = torch.rand(1, 1, 4, 8, 8)
    before = open_folder(folder, unused=())(windows).pooler_output
    code = folder / "tiny_layers.py"
    code.write_text(code.read_text().replace("self.norm(self.conv", "-self.norm(self.conv"))
    torch.testing.assert_close(open_folder(folder, unused=())(windows).pooler_output, -before)
