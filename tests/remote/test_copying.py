"""Copies of remote scans: whole, for as long as they are read, and gone afterwards."""

import pytest

from mmfeat.errors import RemoteError
from mmfeat.remote import local_copy
from mmfeat.remote_path import RemotePath


def test_a_file_is_copied_under_its_name_and_removed_afterwards(bucket, tmp_path):
    path = RemotePath.parse(bucket.put("scans/a.nii.gz", b"12345"))
    with local_copy(path, tmp_path) as copy:
        assert copy.read_bytes() == b"12345"
        assert copy.name == "a.nii.gz"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_copied_with_the_folders_in_it(bucket, tmp_path):
    for key in ("case/1.dcm", "case/sub/2.dcm", "case/.hidden"):
        bucket.put(key, key.encode())
    with local_copy(RemotePath.parse(f"{bucket.url}/case"), tmp_path) as copy:
        found = {str(file.relative_to(copy)) for file in copy.rglob("*") if file.is_file()}
        assert found == {"1.dcm", "sub/2.dcm"}
        assert (copy / "sub/2.dcm").read_bytes() == b"case/sub/2.dcm"


def test_a_folder_with_one_file_is_still_a_folder(bucket, tmp_path):
    bucket.put("case/1.dcm", b"1")
    with local_copy(RemotePath.parse(f"{bucket.url}/case"), tmp_path) as copy:
        assert (copy / "1.dcm").read_bytes() == b"1"


def test_nothing_is_left_when_reading_fails(bucket, tmp_path):
    path = RemotePath.parse(bucket.put("a.nii", b"12345"))
    with pytest.raises(ValueError, match="torn"), local_copy(path, tmp_path):
        raise ValueError("torn")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_not_there_is_named(bucket, tmp_path):
    path = RemotePath.parse(bucket.put("a.nii", b"12345"))
    with (
        pytest.raises(RemoteError, match=r"cannot be copied to .*/gone .*set TMPDIR"),
        local_copy(path, tmp_path / "gone"),
    ):
        pass


def test_a_web_address_is_copied_too(bucket, tmp_path):
    bucket.put("a b.nii", b"12345")
    address = RemotePath.parse(bucket.published("a b.nii"))
    with local_copy(address, tmp_path) as copy:
        assert (copy.name, copy.read_bytes()) == ("a b.nii", b"12345")
