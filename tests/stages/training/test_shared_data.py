import numpy as np

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.task import Task
from mmfeat.stages.training.shared_data import ArrayFolder, unpack


def _data(n_cases, width=64):
    generator = np.random.default_rng(0)
    return FoldData(
        features={"ct": generator.normal(size=(n_cases, width)).astype(np.float32)},
        present=np.ones((n_cases, 1), dtype=bool),
        labels=np.zeros((n_cases, 1)),
        task=Task.single("binary"),
        patient_ids=tuple(f"p{number}" for number in range(n_cases)),
        train=np.arange(n_cases - 10),
        val=np.arange(n_cases - 10, n_cases),
    )


def test_a_fold_comes_out_as_it_went_in_and_its_large_arrays_are_files(tmp_path):
    data = _data(1000)
    content = ArrayFolder(tmp_path / "arrays").pack(data)
    assert len(content) < data.features["ct"].nbytes / 10
    opened = unpack(content)
    np.testing.assert_array_equal(opened.features["ct"], data.features["ct"])
    assert isinstance(opened.features["ct"].base, np.memmap)
    assert opened.patient_ids == data.patient_ids
    assert opened.task == data.task


def test_what_is_written_to_an_opened_array_changes_neither_the_file_nor_others(tmp_path):
    content = ArrayFolder(tmp_path / "arrays").pack(_data(1000))
    first, second = unpack(content), unpack(content)
    first.features["ct"][:] = 0
    assert second.features["ct"].any()
    assert unpack(content).features["ct"].any()


def test_small_arrays_need_no_file(tmp_path):
    unpack(ArrayFolder(tmp_path / "arrays").pack(_data(20)))
    assert not (tmp_path / "arrays").exists()


def test_an_array_of_two_packets_is_written_once_and_forgotten_with_the_folder(tmp_path):
    arrays = ArrayFolder(tmp_path / "arrays")
    data = _data(1000)
    opened = [unpack(arrays.pack(data)), unpack(arrays.pack(data))]
    assert len(list(arrays.folder.iterdir())) == 1
    arrays.forget()
    assert not list(arrays.folder.iterdir())
    np.testing.assert_array_equal(opened[1].features["ct"], data.features["ct"])


def test_an_array_that_is_a_file_already_is_not_copied_but_a_part_of_it_is(tmp_path):
    stored = np.memmap(tmp_path / "stored.bin", np.float32, "w+", shape=(1000, 64))
    stored[:] = np.arange(1000)[:, None]
    stored.flush()
    arrays = ArrayFolder(tmp_path / "arrays")
    np.testing.assert_array_equal(unpack(arrays.pack(stored)), stored)
    assert not arrays.folder.exists()
    np.testing.assert_array_equal(unpack(arrays.pack(stored[500:])), stored[500:])
    assert len(list(arrays.folder.iterdir())) == 1
