"""Weights are read without running code, and refused in one line unless all of them fit."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from mmfeat.encoders.weights.state_dicts import load_strictly, read_state_dict, strip_prefix
from mmfeat.errors import EncoderError

STATE = {"weight": torch.arange(12.0).reshape(4, 3), "bias": torch.arange(4.0)}


def _checkpoint(file: Path) -> None:
    torch.save(STATE, file)


def _old_checkpoint(file: Path) -> None:
    torch.save(STATE, file, _use_new_zipfile_serialization=False)


def _safetensors(file: Path) -> None:
    save_file(STATE, file)


WRITERS = {"checkpoint": _checkpoint, "old": _old_checkpoint, "safetensors": _safetensors}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "weights.bin"


def _refusal(file: Path, **options) -> str:
    with pytest.raises(EncoderError, match=r"weights\.bin: ") as caught:
        read_state_dict(file, **options)
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_every_kind_of_file_is_known_by_its_content_whatever_its_name(file, write):
    write(file)
    read = read_state_dict(file)
    assert read.keys() == STATE.keys()
    for key, value in read.items():
        torch.testing.assert_close(value, STATE[key], rtol=0, atol=0)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_file_cut_off_anywhere_is_refused_in_one_line(file, write):
    write(file)
    whole = file.read_bytes()
    for n_bytes in [*range(0, len(whole), 7), len(whole) - 1]:
        file.write_bytes(whole[:n_bytes])
        message = _refusal(file)
        assert "download it again" in message
        assert len(message) < len(str(file)) + 300


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_file_with_a_wrong_byte_is_read_or_refused_and_nothing_else(file, write):
    """Whether a file's values are right is told by its digest, not by this."""
    write(file)
    whole = file.read_bytes()
    generator = np.random.default_rng(0)
    refusals = []
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[generator.integers(len(whole))] = generator.integers(256)
        file.write_bytes(damaged)
        try:
            read_state_dict(file)
        except EncoderError as error:
            refusals.append(str(error))
    assert len(refusals) > 20
    assert all(refusal.startswith(f"{file}: ") and "\n" not in refusal for refusal in refusals)


def test_a_missing_file_is_refused(file):
    assert _refusal(file).endswith("no such file; give the file with the encoder's weights")


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html>", b"version https://git-lfs"])
def test_something_else_than_weights_is_refused(file, content):
    file.write_bytes(content)
    assert "neither a safetensors file nor a PyTorch checkpoint" in _refusal(file)


class _Touching:
    """Leave a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_checkpoint_is_never_run(file, tmp_path, zipped):
    trace = tmp_path / "trace"
    content = {"state_dict": STATE, "hparams": _Touching(trace)}
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    torch.load(file, weights_only=False)
    assert trace.exists()  # it would run
    trace.unlink()
    assert "could run code and is not loaded" in _refusal(file, wrapped_in=("state_dict",))
    assert not trace.exists()


def test_a_pickled_module_is_refused(file):
    torch.save(nn.Linear(3, 4), file)
    assert "save its state dict as safetensors" in _refusal(file)


def test_a_saved_program_is_refused_as_such(file):
    program = torch.export.export(nn.Linear(3, 4), (torch.zeros(1, 3),))
    torch.export.save(program, file)
    assert "an archive, but not of a state dict" in _refusal(file)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_torchscript_archive_is_refused_as_such(file):
    torch.jit.save(torch.jit.trace(nn.Linear(3, 4), torch.zeros(1, 3)), file)
    assert "an archive, but not of a state dict" in _refusal(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([STATE["bias"]], "holds a list, not a state dict"),
        (STATE["bias"], "holds a Tensor, not a state dict"),
        ({}, "holds no tensors"),
        ({"model": STATE}, "`model` (dict) is not a named tensor; give a file with the state dict"),
        ({"epoch": 3} | STATE, "`epoch` (int) is not a named tensor"),
        ({0: STATE["bias"]}, "`0` (Tensor) is not a named tensor"),
    ],
)
def test_a_checkpoint_of_something_else_says_what_it_holds(file, content, message):
    torch.save(content, file)
    assert message in _refusal(file)


def test_tensors_may_be_wrapped_beside_other_things_under_known_keys(file):
    torch.save({"epoch": 3, "net": {"a": torch.ones(1)}, "state_dict": STATE}, file)
    assert read_state_dict(file, wrapped_in=("state_dict", "net")).keys() == STATE.keys()
    assert read_state_dict(file, wrapped_in=("net", "state_dict")).keys() == {"a"}
    assert "`epoch` (int)" in _refusal(file, wrapped_in=("model",))


def test_a_tensor_may_have_the_name_of_a_wrapper(file):
    torch.save({"net": torch.ones(1)}, file)
    assert read_state_dict(file, wrapped_in=("net",)).keys() == {"net"}


def test_only_what_is_under_the_first_prefix_that_occurs_is_taken(caplog):
    state = {"a.b.x": 1, "a.y": 2, "z": 3}
    with caplog.at_level(logging.INFO):
        assert strip_prefix(state, ["none.", "a.b.", "a."]) == {"x": 1}
    assert "2 tensors outside `a.b.` are not used" in caplog.text
    assert strip_prefix(state, ["a."]) == {"b.x": 1, "y": 2}
    assert strip_prefix(state, ["none."]) == state


def test_a_prefix_in_the_middle_of_a_name_stays():
    state = {"encoder.layer.encoder.weight": 1}
    assert strip_prefix(state, ["encoder."]) == {"layer.encoder.weight": 1}


def test_a_module_on_the_meta_device_gets_every_value(file):
    with torch.device("meta"):
        module = nn.Linear(3, 4)
    load_strictly(module, STATE, file)
    torch.testing.assert_close(module.weight, STATE["weight"], check_stride=False)
    torch.testing.assert_close(module(torch.ones(3)), STATE["weight"].sum(1) + STATE["bias"])


def test_half_precision_becomes_float32_and_counters_stay_whole_numbers(file):
    module = nn.BatchNorm1d(2)
    state = {key: value.clone() for key, value in module.state_dict().items()}
    state["weight"] = torch.tensor([0.5, 2.0], dtype=torch.bfloat16)
    load_strictly(module, state, file)
    assert module.weight.dtype == torch.float32
    assert module.weight.tolist() == [0.5, 2.0]
    assert module.num_batches_tracked.dtype == torch.int64


def test_all_that_does_not_fit_is_named_in_one_line_with_what_to_do(file):
    state = {"weight": torch.zeros(4, 2), "scale": torch.tensor(1.0)}
    with pytest.raises(EncoderError) as caught:
        load_strictly(nn.Linear(3, 4), state, file)
    assert str(caught.value) == (
        f"{file}: not the weights of this encoder: missing: bias; unexpected: scale; "
        "of another shape: weight 4 x 2 instead of 4 x 3; "
        "`mmfeat encoders show` says where the authors publish them"
    )


def test_of_many_that_do_not_fit_the_first_three_are_named_and_the_others_counted(file):
    module = nn.Sequential(*(nn.Linear(1, 1, bias=False) for _ in range(5)))
    with pytest.raises(EncoderError, match=r"missing: 0\.weight, 1\.weight, 2\.weight and 2 more;"):
        load_strictly(module, {}, file)


def test_weights_that_do_not_fit_leave_the_module_as_it_was(file):
    module = nn.Linear(3, 4)
    before = module.weight.clone()
    with pytest.raises(EncoderError, match="missing: bias"):
        load_strictly(module, {"weight": STATE["weight"]}, file)
    torch.testing.assert_close(module.weight, before)
