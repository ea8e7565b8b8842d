"""URLs of scans and tables: what they mean, and what of them may be shown."""

from pathlib import Path

import pytest

from mmfeat.remote_path import RemotePath, is_url, located


def test_a_url_has_the_parts_of_a_path():
    path = RemotePath.parse("s3://trial/scans/a.nii.gz")
    assert (path.name, path.suffix, path.scheme) == ("a.nii.gz", ".gz", "s3")
    assert path.parts == ("s3://trial", "scans", "a.nii.gz")
    assert str(path.parent) == "s3://trial/scans"
    assert path.url == str(path) == "s3://trial/scans/a.nii.gz"


def test_a_bucket_alone_is_a_folder():
    path = RemotePath.parse("gs://trial/")
    assert (path.name, path.key, str(path)) == ("trial", "", "gs://trial")


def test_a_key_of_a_bucket_may_hold_signs_that_a_web_address_may_not():
    path = RemotePath.parse("s3://trial/scan?1#a b.nii")
    assert (path.key, path.query, path.name) == ("scan?1#a b.nii", "", "scan?1#a b.nii")


def test_a_web_address_is_escaped_once_and_named_plainly():
    once = RemotePath.parse("https://example.org/a b/c%20d.nii")
    assert once.url == "https://example.org/a%20b/c%20d.nii"
    assert once.name == "c d.nii"


def test_a_signature_is_compared_but_never_shown():
    one, other = (RemotePath.parse(f"https://example.org/a.nii?sig={sig}") for sig in "xy")
    assert one != other
    assert one.url.endswith("?sig=x")
    assert str(one) != str(other)
    for text in (str(one), repr(one), str(one.parent), one.name):
        assert "sig=" not in text


def test_a_name_cannot_lead_out_of_the_folder_that_it_is_copied_to():
    assert RemotePath.parse("https://example.org/a/..%2F..%2Fetc%2Fpasswd").name == "passwd"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ftp://example.org/a.nii", "`ftp://` is not read; use one of s3://, gs://"),
        ("https://eve:secret@example.org/a.nii", "has a user or password in it"),
        ("s3:///a.nii", "names no bucket"),
        ("https:///a.nii", "names no server"),
        ("scans/a.nii", "not a URL"),
    ],
)
def test_what_is_not_read_is_refused_without_repeating_it(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        RemotePath.parse(text)
    assert "secret" not in str(caught.value)


def test_only_what_has_a_scheme_is_a_url():
    assert is_url("ftp://example.org/a.nii")
    assert not any(map(is_url, ["C:/scans/a.nii", "scans/a.nii", "/scans/a.nii", "a://"[:2]]))


def test_paths_of_a_table_on_disk_are_relative_to_its_folder_unless_they_are_urls(tmp_path):
    assert located(tmp_path, "scans/a.nii") == tmp_path / "scans/a.nii"
    assert located(tmp_path, "s3://trial/a.nii") == RemotePath("s3://trial", "a.nii")


def test_paths_of_a_table_at_a_url_are_relative_to_that(tmp_path):
    folder = RemotePath.parse("s3://trial/tables")
    assert located(folder, "../scans/a.nii") == RemotePath("s3://trial", "scans/a.nii")
    assert located(folder, "./a.nii") == RemotePath("s3://trial", "tables/a.nii")
    assert located(folder, "/data/a.nii") == Path("/data/a.nii")
    with pytest.raises(ValueError, match="leads out of s3://trial"):
        located(folder, "../../other-bucket/a.nii")
