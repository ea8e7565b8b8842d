"""Files of torch.export and TorchScript: told apart by content, opened on request alone."""

import io
import json
import os
import pickle
import warnings
import zipfile

import pytest
import torch
from torch import nn

from mmfeat.encoders.own.exported_program import open_program, program_kind
from mmfeat.errors import EncoderError

from ..own_networks import export, small

CPU = torch.device("cpu")


class Touch:
    """A pickled object that makes a file when it is read."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (str(self.file),)


def script(network, file):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(network).save(str(file))
    return file


def malicious_export(file, touched):
    """Put a pickle that makes a file among the weights of a torch.export file."""
    harmless = export(small(), file.with_suffix(".harmless"))
    with zipfile.ZipFile(harmless) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("weights_config.json"):
                config = json.loads(content)
                for weight in config["config"].values():
                    weight["use_pickle"] = True
                content = json.dumps(config).encode()
            elif "/data/weights/weight_" in name:
                pickled = io.BytesIO()
                torch.save(Touch(touched), pickled)
                content = pickled.getvalue()
            target.writestr(name, content)
    return file


@pytest.mark.parametrize("name", ["net.pt2", "net.pt", "net"])
def test_kinds_are_told_apart_by_what_they_hold_whatever_their_names(tmp_path, name):
    assert program_kind(export(small(), tmp_path / name)) == "torch.export"
    assert program_kind(script(small(), tmp_path / name)) == "TorchScript"


@pytest.mark.parametrize("save", [export, script])
def test_a_program_computes_what_the_network_did(tmp_path, save):
    windows = torch.rand(3, 1, 8, 16, 16)
    program = open_program(save(small(), tmp_path / "net"), CPU)
    torch.testing.assert_close(program(windows), small()(windows), rtol=0, atol=0)


def test_a_script_is_put_into_eval_mode(tmp_path):
    network = nn.Sequential(nn.Dropout(0.9), nn.Flatten()).train()
    program = open_program(script(network, tmp_path / "net.pt"), CPU)
    torch.testing.assert_close(program(torch.ones(2, 3)), torch.ones(2, 3))


def test_tensors_without_a_program_are_refused(tmp_path):
    torch.save(small().state_dict(), tmp_path / "w.pt")
    with pytest.raises(EncoderError, match=r"w.pt: holds tensors and no program; export the netw"):
        program_kind(tmp_path / "w.pt")


def test_compiled_packages_and_other_archives_are_refused(tmp_path):
    for member, message in (
        ("p/data/aotinductor/model/a.so", "compiled for one machine"),
        ("a/b.txt", "neither of torch.export nor"),
    ):
        with zipfile.ZipFile(tmp_path / "x.pt2", "w") as archive:
            archive.writestr(member, "")
        with pytest.raises(EncoderError, match=message):
            program_kind(tmp_path / "x.pt2")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"not an archive", pickle.dumps([1])])
def test_what_is_no_archive_is_one_clear_line(tmp_path, content):
    (tmp_path / "x.pt2").write_bytes(content)
    with pytest.raises(EncoderError, match=r"neither a torch.export file nor TorchScript, or torn"):
        open_program(tmp_path / "x.pt2", CPU)


@pytest.mark.parametrize("save", [export, script])
def test_a_damaged_program_is_one_clear_line_and_nothing_else_is_tried(tmp_path, save):
    file = save(small(), tmp_path / "net.pt2")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(tmp_path / "bad", "w") as target:
        for name in source.namelist():
            kept = not name.endswith(("model.json", "data.pkl", "Small.py"))
            target.writestr(name, source.read(name) if kept else b"{")
    with pytest.raises(
        EncoderError, match=r"this \S+ file cannot be opened \(\w+: .*export it"
    ) as e:
        open_program(tmp_path / "bad", CPU)
    assert "\n" not in str(e.value)


def test_to_open_a_file_is_to_run_what_it_holds(tmp_path):
    """Why --trust-code is needed: torch itself unpickles what such a file holds."""
    touched = tmp_path / "touched"
    file = malicious_export(tmp_path / "bad.pt2", touched)
    assert program_kind(file) == "torch.export"
    assert not touched.exists()
    with pytest.raises(EncoderError, match="cannot be opened"):
        open_program(file, CPU)
    assert touched.exists()
