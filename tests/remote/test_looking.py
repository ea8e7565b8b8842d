"""Looking at many scans at once, and what is remembered of it."""

import pytest

from mmfeat.errors import RemoteError
from mmfeat.remote import files_now, files_seen, look_at_all, looking
from mmfeat.remote_path import RemotePath


def test_what_was_seen_stays_until_somebody_looks_again(bucket):
    path = RemotePath.parse(bucket.put("a.nii", b"12345"))
    look_at_all([path])
    bucket.put("a.nii", b"123456")
    assert files_seen(path)[0].size_bytes == 5
    assert files_now(path)[0].size_bytes == 6
    assert files_seen(path)[0].size_bytes == 6


def test_a_scan_that_nobody_looked_at_is_looked_at(bucket):
    assert files_seen(RemotePath.parse(bucket.put("a.nii", b"12345")))[0].size_bytes == 5


def test_what_is_missing_is_remembered_too(bucket):
    path = RemotePath.parse(f"{bucket.url}/a.nii")
    bucket.put("b.nii", b"1")
    look_at_all([RemotePath.parse(f"{bucket.url}/b.nii"), path])
    bucket.put("a.nii", b"12345")
    with pytest.raises(RemoteError, match="no such file") as caught:
        files_seen(path)
    assert caught.value.is_missing
    look_at_all([path])
    assert files_seen(path)[0].size_bytes == 5


def test_a_listing_says_the_same_as_a_look_at_each(bucket, monkeypatch):
    monkeypatch.setattr(looking, "_WORTH_A_LISTING", 2)
    keys = ["s/a.nii", "s/b.nii", "s/c.nii", "s/case/1.dcm"]
    for key in keys:
        bucket.put(key, key.encode())
    names = ["a.nii", "b.nii", "c.nii", "case", "nothing.nii"]
    paths = [RemotePath.parse(f"{bucket.url}/s/{name}") for name in names]
    look_at_all(paths)
    seen = [files_seen(path) for path in paths[:4]]
    assert seen == [files_now(path) for path in paths[:4]]
    with pytest.raises(RemoteError, match="no such file"):
        files_seen(paths[4])


def test_a_server_that_cannot_be_reached_is_asked_once_and_not_for_every_scan():
    paths = [RemotePath.parse(f"http://127.0.0.1:1/{number}.nii") for number in range(10_000)]
    with pytest.raises(RemoteError, match=r"127\.0\.0\.1:1/0\.nii: cannot be reached"):
        look_at_all(paths)
