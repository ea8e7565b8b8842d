import json

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import load_head
from mmfeat.fusion.head_files import check_whole, read_arrays, read_description, write_head


@pytest.fixture
def folder(tmp_path):
    write_head(
        tmp_path,
        method="average",
        description={"kind": "binary"},
        arrays={"a": np.arange(6.0).reshape(2, 3).T},
        history=[{"epoch": 0, "loss": 0.5}],
    )
    return tmp_path


def test_what_was_written_is_read(folder):
    described = {"format": 1, "method": "average", "validation": None, "kind": "binary"}
    assert read_description(folder) == described
    np.testing.assert_array_equal(read_arrays(folder)["a"], np.arange(6.0).reshape(2, 3).T)
    assert (folder / "history.csv").read_text() == "epoch,loss\n0,0.5\n"


def test_a_folder_without_a_head_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(TrainError, match=r"head\.json: not a saved head"):
        load_head(tmp_path)


def test_torn_json_is_an_error(folder):
    (folder / "head.json").write_text('{"format": 1, "met')
    with pytest.raises(TrainError, match="not a saved head"):
        read_description(folder)


def test_another_format_is_an_error(folder):
    (folder / "head.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(TrainError, match="not a head of format 1"):
        read_description(folder)


def test_torn_weights_are_an_error(folder):
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-8])
    with pytest.raises(TrainError, match=r"model\.safetensors: damaged"):
        read_arrays(folder)


def _flip_a_bit(file, place):
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def test_weights_with_another_bit_are_an_error(folder):
    _flip_a_bit(folder / "model.safetensors", -1)
    with pytest.raises(TrainError, match=r"model\.safetensors: damaged .* train again with --over"):
        read_arrays(folder)


def test_a_description_with_another_letter_is_an_error(folder):
    path = folder / "head.json"
    path.write_text(path.read_text().replace("binary", "bInary"))
    with pytest.raises(TrainError, match=r"head\.json: damaged .* train again with --overwrite"):
        read_description(folder)


def test_a_file_of_the_head_that_has_gone_is_an_error(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(TrainError, match=r"model\.safetensors: cannot be read"):
        check_whole(folder)


def test_heads_without_digests_are_read_as_ever(folder):
    path = folder / "head.json"
    described = json.loads(path.read_text())
    del described["sha256"]
    path.write_text(json.dumps(described))
    check_whole(folder)
    assert read_description(folder) == described
    assert read_arrays(folder)["a"].shape == (3, 2)
