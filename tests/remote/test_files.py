"""What a store says of scans: which files, how large, and when they change."""

import pytest

from mmfeat.errors import RemoteError
from mmfeat.remote.files import look, remote_stat
from mmfeat.remote_path import RemotePath


def test_a_file_is_one_file_with_its_size(bucket):
    path = RemotePath.parse(bucket.put("a.nii", b"12345"))
    (file,) = look(path)
    assert (file.path, file.inside, file.size_bytes) == (path, "a.nii", 5)


def test_a_folder_is_all_files_below_it_but_hidden_ones_in_order(bucket):
    for key in ("case/2.dcm", "case/1.dcm", "case/sub/3.dcm", "case/.DS_Store", "case/.x/4.dcm"):
        bucket.put(key, key.encode())
    bucket.put("case2/5.dcm", b"another scan")
    files = look(RemotePath.parse(f"{bucket.url}/case/"))
    assert [file.inside for file in files] == ["1.dcm", "2.dcm", "sub/3.dcm"]


def test_a_stat_changes_with_the_content_and_not_with_the_time(bucket):
    path = RemotePath.parse(bucket.put("a.nii", b"12345"))
    before = remote_stat(look(path))
    bucket.put("a.nii", b"12345")
    assert remote_stat(look(path)) == before
    bucket.put("a.nii", b"12346")
    assert remote_stat(look(path)) != before
    assert before.split()[0] == "5"


def test_a_web_server_and_a_bucket_say_the_same_of_a_file(bucket):
    path = RemotePath.parse(bucket.put("a.nii", b"12345"))
    address = RemotePath.parse(bucket.published("a.nii"))
    assert remote_stat(look(address)) == remote_stat(look(path))


def test_a_signed_address_is_read_and_its_signature_is_not_told(bucket):
    bucket.put("a.nii", b"12345")
    signed = RemotePath.parse(bucket.files.sign(f"{bucket.name}/a.nii"))
    (file,) = look(signed)
    assert file.size_bytes == 5
    assert "Signature" in signed.url
    assert "Signature" not in repr(file)


@pytest.mark.parametrize("key", ["nothing.nii", "folder/"])
def test_what_is_not_there_is_missing(bucket, key):
    with pytest.raises(RemoteError, match="no such file or folder") as caught:
        look(RemotePath.parse(f"{bucket.url}/{key}"))
    assert caught.value.is_missing


def test_a_missing_bucket_is_missing(bucket):
    with pytest.raises(RemoteError, match=r"s3://no-bucket-here/a\.nii: no such file"):
        look(RemotePath.parse("s3://no-bucket-here/a.nii"))


def test_what_only_others_may_read_is_refused_without_the_signature(bucket):
    bucket.put("a.nii", b"12345")
    address = f"{bucket.address}/{bucket.name}/a.nii?token=stolen"
    with pytest.raises(RemoteError, match=r"may not be read \(403.*check the cred") as caught:
        look(RemotePath.parse(address))
    assert not caught.value.is_missing
    assert "stolen" not in str(caught.value)


def test_a_server_that_is_not_there_cannot_be_reached():
    with pytest.raises(RemoteError, match=r"cannot be reached .*check the network") as caught:
        look(RemotePath.parse("http://127.0.0.1:1/a.nii?token=secret"))
    assert not caught.value.is_missing
    assert "secret" not in str(caught.value)


def test_half_of_a_scan_in_two_files_is_refused_with_what_to_do(bucket):
    url = bucket.put("scan.mhd", b"NDims = 3")
    with pytest.raises(RemoteError, match=r"half of a scan in two files.*\.nii\.gz, \.nrrd"):
        look(RemotePath.parse(url))


def test_a_name_that_leads_out_of_a_folder_is_refused(bucket):
    bucket.put("case/../../etc/passwd", b"x")
    with pytest.raises(RemoteError, match="which no folder can hold"):
        look(RemotePath.parse(f"{bucket.url}/case"))
