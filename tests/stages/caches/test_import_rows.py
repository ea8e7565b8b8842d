import hashlib

import numpy as np
import pytest

from mmfeat.errors import FeaturesError
from mmfeat.progress import Silent
from mmfeat.stages.caches.import_files import ImportRules
from mmfeat.stages.caches.import_rows import read_import_files


def _npz(file, ids, width=2, **more):
    vectors = np.arange(len(ids) * width, dtype=np.float32).reshape(-1, width)
    np.savez(file, case_id=np.array(ids), feature=vectors, **more)
    return file


def _read(*files):
    return read_import_files(files, ImportRules(), Silent())


def test_rows_of_all_files_are_sorted_and_each_knows_its_file(tmp_path):
    one, two = _npz(tmp_path / "one.npz", ["d", "b"]), _npz(tmp_path / "two.npz", ["c", "a"])
    rows = _read(one, two)
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (one, two)]
    assert rows.case_ids == ("a", "b", "c", "d")
    assert rows.sources == (digests[1], digests[0], digests[1], digests[0])
    assert rows.vectors.tolist() == [[2, 3], [2, 3], [0, 1], [0, 1]]
    assert rows.digests == tuple(digests)


def test_a_case_may_have_several_scans_where_the_file_tells_them_apart(tmp_path):
    rows = _read(_npz(tmp_path / "one.npz", ["a", "a"], source_sha256=["2", "1"]))
    assert rows.case_ids == ("a", "a")
    assert rows.sources == ("1", "2")
    assert rows.vectors.tolist() == [[2, 3], [0, 1]]


def test_names_of_what_is_not_read_are_collected_once(tmp_path):
    files = [_npz(tmp_path / f"{case}.npz", [case], label=[1]) for case in "ab"]
    assert _read(*files).left_out == ("label",)


def test_an_id_that_is_named_twice_is_refused_with_both_places(tmp_path):
    one, two = _npz(tmp_path / "one.npz", ["a", "b"]), _npz(tmp_path / "two.npz", ["c", "b"])
    with pytest.raises(FeaturesError, match=r"two\.npz: names `b` and so does .*one\.npz; leave"):
        _read(one, two)
    with pytest.raises(FeaturesError, match=r"one\.npz: names `a` twice"):
        _read(_npz(one, ["a", "a"]))
    with pytest.raises(FeaturesError, match=r"one\.npz: names `a` twice"):
        _read(_npz(one, ["a", "a"], source_sha256=["1", "1"]))


def test_another_width_is_refused_by_file_and_case(tmp_path):
    one, two = _npz(tmp_path / "one.npz", ["a"]), _npz(tmp_path / "two.npz", ["b"], width=3)
    with pytest.raises(
        FeaturesError, match=r"two\.npz: `b` has 3 values, and `a` of .*one\.npz 2; all"
    ):
        _read(one, two)


@pytest.mark.parametrize("case_id", ["a\nb", "a\x00b", "a\ud800"])
def test_ids_that_cannot_be_written_down_are_refused(tmp_path, case_id):
    file = _npz(tmp_path / "one.npz", ["x"])
    vectors = np.ones((1, 2), np.float32)
    np.savez(file, case_id=np.array([case_id]), feature=vectors)
    with pytest.raises(FeaturesError, match=r"one\.npz: ('.*' is no id|`case_id` must be a list)"):
        _read(file)
