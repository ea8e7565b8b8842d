import os
import pickle
import zipfile

import numpy as np
import pytest

from mmfeat.errors import FeaturesError
from mmfeat.tabular.array_files import read_array_file


class _Harm:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


def test_every_array_of_an_npz_is_read_by_name(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(3), y=np.array(["a", "b"]))
    content = read_array_file(tmp_path / "a.npz")
    assert list(content) == ["x", "y"]
    assert content["x"].tolist() == [0, 1, 2]
    assert content["y"].tolist() == ["a", "b"]


def test_an_npy_is_its_array(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((1, 3)))
    assert read_array_file(tmp_path / "a.npy").shape == (1, 3)


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
def test_a_pickled_object_is_refused_unless_asked_for(tmp_path, name):
    file = tmp_path / name
    entry = np.array({"1.2.3": {"embedding": np.ones(2)}}, dtype=object)
    (np.savez if name == "a.npz" else np.save)(file, entry)
    with pytest.raises(
        FeaturesError,
        match=r"a pickled Python object, .* can run programs; with --trust-pickle only numbers",
    ):
        read_array_file(file)
    content = read_array_file(file, trust_pickle=True)
    content = content["arr_0"] if name == "a.npz" else content
    assert content["1.2.3"]["embedding"].tolist() == [1, 1]


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
def test_a_pickle_of_more_is_refused_even_when_asked_for(tmp_path, name):
    file, mark = tmp_path / name, tmp_path / "run"
    harm = np.array({"a": _Harm(mark)}, dtype=object)
    (np.savez if name == "a.npz" else np.save)(file, harm)
    with pytest.raises(FeaturesError, match=r"not read \(it names `posix\.system`.*numpy\.savez"):
        read_array_file(file, trust_pickle=True)
    assert not mark.exists()


def test_records_with_objects_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(2, [("a", "f4"), ("b", "O")]))
    with pytest.raises(FeaturesError, match="not admitted"):
        read_array_file(tmp_path / "a.npy", trust_pickle=True)


@pytest.mark.parametrize("trust_pickle", [False, True])
@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
def test_a_bare_pickle_is_no_array_file(tmp_path, name, trust_pickle):
    (tmp_path / name).write_bytes(pickle.dumps({"x": 1}))
    with pytest.raises(FeaturesError, match="cannot be read as NP"):
        read_array_file(tmp_path / name, trust_pickle=trust_pickle)


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
def test_a_file_cut_off_anywhere_is_refused(tmp_path, name):
    file = tmp_path / name
    np.savez(file, np.arange(50)) if name == "a.npz" else np.save(file, np.arange(50))
    whole = file.read_bytes()
    for size in range(0, len(whole), 7):
        file.write_bytes(whole[:size])
        with pytest.raises(FeaturesError, match=f"{name}: cannot be read as"):
            read_array_file(file)


def test_an_array_that_claims_to_be_large_is_refused(tmp_path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,), }"
    claim = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"x" * 64
    (tmp_path / "a.npy").write_bytes(claim)
    with pytest.raises(FeaturesError, match="cannot be read as NPY"):
        read_array_file(tmp_path / "a.npy")


def test_an_archive_that_unpacks_to_very_much_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(70 * 2**20))
    with pytest.raises(FeaturesError, match=r"`x\.npy` has 0 MiB and unpacks to 70 MiB"):
        read_array_file(tmp_path / "a.npz")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FeaturesError, match="No such file"):
        read_array_file(tmp_path / "a.npz")
