"""docs/file-formats.md says what is in a cache, and its reader in plain h5py finds it there."""

import hashlib
import importlib.util
import json
import re

import h5py
import numpy as np
import pytest

from mmfeat.cache.shard import TEXTS

from ..documented_files import PROJECT, documented_files, write_documented
from .conftest import IDENTITY, TOKEN_IDENTITY, make_rows, make_token_rows

DOCUMENT = "file-formats.md"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The reader of the page, as a module."""
    file = write_documented(DOCUMENT, tmp_path_factory.mktemp("page")) / "read_cache.py"
    assert "mmfeat." not in re.sub(r'"""(.*?)"""', "", file.read_text(), flags=re.DOTALL)
    spec = importlib.util.spec_from_file_location("read_cache", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reader_is_as_short_as_the_page_says():
    (content,) = documented_files(DOCUMENT).values()
    assert len([line for line in content.splitlines() if line]) <= 30


@pytest.mark.parametrize("kind", ["folder", "token_folder"])
def test_the_reader_finds_the_vectors_that_we_read_in_any_number_of_shards(program, kind, request):
    folder = request.getfixturevalue(kind)
    make = make_rows if kind == "folder" else make_token_rows
    for numbers in ((1, 2, 3), (4,), (2, 5)):
        folder.commit(make(*numbers))
    folder.commit(make(1, source="v2"))  # its scan has changed since
    found = program.read_cache(folder.path)
    stored = [row for rows in folder.index().values() for row in rows]
    wanted = sorted({(row.case_id, row.source_sha256) for row in stored})
    assert (len(stored), len(wanted)) == (7, 6)  # one is in two shards
    assert sorted(found) == wanted
    vectors, there = folder.read(wanted)
    assert there.all()
    np.testing.assert_array_equal(np.stack([found[key] for key in wanted]), vectors)


def test_the_reader_stops_at_a_changed_byte(program, folder):
    rows = make_rows(1, 2)
    shard = folder.commit(rows)
    content = shard.read_bytes()
    place = content.index(rows[1].feature.tobytes())
    shard.write_bytes(content[:place] + b"\x01" + content[place + 1 :])
    with pytest.raises(ValueError, match="the feature of case-0002 is damaged"):
        program.read_cache(folder.path)


def test_the_reader_refuses_what_is_no_shard_and_what_a_later_version_wrote(program, folder):
    shard = folder.commit(make_rows(1))
    with h5py.File(shard, "r+") as file:
        file.attrs["format_version"] = 3
    with pytest.raises(ValueError, match="later version"):
        program.read_cache(folder.path)
    with h5py.File(shard, "r+") as file:
        file.attrs["format"] = np.bytes_(b"something else")
    with pytest.raises(ValueError, match="not a shard"):
        program.read_cache(folder.path)


@pytest.mark.parametrize(
    ("kind", "identity"), [("folder", IDENTITY), ("token_folder", TOKEN_IDENTITY)]
)
def test_attributes_checksum_and_name_are_what_the_page_says(kind, identity, request):
    folder = request.getfixturevalue(kind)
    make = make_rows if kind == "folder" else make_token_rows
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    assert folder.path.name == hashlib.sha256(canonical.encode()).hexdigest()[:12]
    with h5py.File(folder.commit(make(1, 2)), "r", locking=False) as shard:
        assert shard.attrs["recipe"] == canonical.encode()
        assert shard.attrs["dtype"] == b"float32"
        assert json.loads(shard.attrs["versions"])[0]["mmfeat"]
        total = hashlib.sha256()
        for name in TEXTS:
            total.update("\0".join(shard[name].asstr()[:]).encode())
        digests = [shard["feature_sha256"][:]]
        if "tokens" in shard:
            digests.append(shard["tokens/sha256"][:])
        total.update(np.hstack(digests).tobytes())
        if "tokens" in shard:
            total.update(shard["tokens/offset"][:].astype("<i8").tobytes())
        assert shard.attrs["checksum"] == total.hexdigest().encode()
        assert shard["feature"].chunks is None
        assert shard["feature"].compression is None


def test_every_attribute_and_dataset_of_a_shard_is_on_the_page(token_folder):
    page = (PROJECT / "docs" / DOCUMENT).read_text()
    with h5py.File(token_folder.commit(make_token_rows(1)), "r", locking=False) as shard:
        for name in (*shard.attrs, *(name for name in shard if name != "tokens")):
            assert f"`{name}`" in page, name
