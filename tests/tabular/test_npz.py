import pickle

import numpy as np
import pytest

from mmfeat.tabular.npz import read_npz


def test_arrays_come_in_the_order_of_the_names(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(3), y=np.eye(2), other=np.ones(1))
    y, x = read_npz(tmp_path / "a.npz", ["y", "x"])
    assert (y.shape, x.tolist()) == ((2, 2), [0, 1, 2])


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(50))
    whole = (tmp_path / "a.npz").read_bytes()
    for size in range(0, len(whole), 7):
        (tmp_path / "a.npz").write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"."):
            read_npz(tmp_path / "a.npz", ["x"])


def test_a_pickle_is_not_opened(tmp_path):
    (tmp_path / "a.npz").write_bytes(pickle.dumps({"x": 1}))
    with pytest.raises(ValueError, match="contains pickled"):
        read_npz(tmp_path / "a.npz", ["x"])


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="No such file"):
        read_npz(tmp_path / "a.npz", ["x"])
