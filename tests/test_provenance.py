"""Digests are stable and files appear whole or not at all."""

import hashlib
import json
import resource

import pytest

from mmfeat.provenance import (
    canonical_json,
    fingerprint,
    library_versions,
    sha256_of_file,
    write_json,
    written_atomically,
)


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    assert canonical_json({"b": 1, "a": [1.5, None]}) == canonical_json({"a": [1.5, None], "b": 1})
    assert canonical_json({"b": 1, "a": 2}) == '{"a":2,"b":1}'


def test_canonical_json_refuses_what_json_cannot_hold():
    with pytest.raises(ValueError, match="Out of range float"):
        canonical_json({"a": float("nan")})


def test_fingerprint_is_the_sha256_of_the_canonical_json():
    assert fingerprint({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


def test_sha256_of_file_agrees_with_hashlib_on_the_whole_content(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "file").write_bytes(content)
    assert sha256_of_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_a_disk_that_refuses_is_named_by_the_file_that_was_to_be_written(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: '.*/results\.json'"):
            write_json(tmp_path / "results.json", ["too much"] * 1_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "results.json"
    target.write_text("old")

    def write_half() -> None:
        with written_atomically(target) as partial:
            partial.write_text("new")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_write_keeps_the_ending_of_the_file_and_makes_the_folder(tmp_path):
    target = tmp_path / "deep" / "table.csv"
    with written_atomically(target) as partial:
        assert partial.suffix == ".csv"
        assert partial.parent == target.parent
        partial.write_text("a")
        assert not target.exists()
    assert target.read_text() == "a"


def test_write_json_refuses_nan_and_keeps_the_old_file(tmp_path):
    write_json(tmp_path / "a.json", {"x": 1})
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", {"x": float("inf")})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 1}


def test_library_versions_name_the_libraries_numbers_depend_on():
    versions = library_versions()
    assert {"mmfeat", "python", "torch", "monai", "h5py", "numpy"} <= set(versions)
    assert all(versions.values())
