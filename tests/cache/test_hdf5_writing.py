"""A write that fails is told when HDF5 has closed, and HDF5 itself never hears of it."""

import io

import h5py
import numpy as np
import pytest

from mmfeat.cache.hdf5_writing import _EnduringFile, written_hdf5


def test_the_file_is_an_ordinary_hdf5_file(tmp_path):
    with written_hdf5(tmp_path / "a.h5") as file:
        file.create_dataset("x", data=np.arange(100_000))
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["x"], np.arange(100_000))


class FailingDisk(io.FileIO):
    """Write in small pieces, as the system may, and fail after some bytes in a given way."""

    def __init__(self, path, room, error):
        super().__init__(path, "w+")
        self.room, self.failure = room, error

    def write(self, content):
        if self.room <= 0:
            raise self.failure
        piece = min(7, len(content), self.room)
        self.room -= piece
        return super().write(content[:piece])


def test_a_disk_that_writes_in_pieces_gets_them_all(tmp_path):
    with FailingDisk(tmp_path / "a", 1000, OSError("full")) as disk:
        file = _EnduringFile(disk)
        assert file.write(memoryview(bytes(range(100)))) == 100
        assert file.error is None
    assert (tmp_path / "a").read_bytes() == bytes(range(100))


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
@pytest.mark.parametrize("room", [0, 50, 500, 5000])
def test_the_first_error_is_kept_and_later_writes_are_swallowed(tmp_path, room, error):
    with FailingDisk(tmp_path / "a", room, error) as disk:
        stream = _EnduringFile(disk)
        with h5py.File(stream, "w") as file:
            file.create_dataset("x", data=np.arange(5000))
        assert stream.error is error
