"""Our view of the hub's cache and that of the hub's own package are the same."""

import hashlib
from pathlib import Path

import huggingface_hub
import pytest

from mmfeat.weights_store.hub_cache import (
    file_in_hub_cache,
    hub_cache_folder,
    is_offline,
    partial_in_hub_cache,
    put_into_hub_cache,
)
from mmfeat.weights_store.published import PublishedFile

from .servers import COMMIT, put_on_hub

CONTENT = b"large weights"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
FILE = PublishedFile("folder/m.pt", hub="someone/a-model")


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HUGGINGFACE_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HF_HOME": "/b", "XDG_CACHE_HOME": "/c"}, "/b/hub"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
        ({}, str(Path.home() / ".cache/huggingface/hub")),
    ],
)
def test_the_cache_is_where_the_environment_says(environment, folder):
    assert hub_cache_folder(environment) == Path(folder)


@pytest.mark.parametrize(
    ("environment", "offline"),
    [
        ({}, False),
        ({"HF_HUB_OFFLINE": "1"}, True),
        ({"HF_HUB_OFFLINE": "yes"}, True),
        ({"HF_HUB_OFFLINE": "0"}, False),
        ({"TRANSFORMERS_OFFLINE": "ON"}, True),
    ],
)
def test_offline_is_read_as_the_hub_reads_it(environment, offline):
    assert is_offline(environment) == offline


def test_what_the_hub_has_fetched_is_found_with_its_digest_and_commit(server, hub_cache):
    assert file_in_hub_cache(FILE) is None
    put_on_hub(server, FILE.hub, FILE.name, CONTENT, etag=DIGEST)
    theirs = huggingface_hub.hf_hub_download(
        FILE.hub, FILE.name, cache_dir=hub_cache, endpoint=server.address
    )
    found = file_in_hub_cache(FILE)
    assert found.file == Path(theirs)
    assert (found.revision, found.sha256) == (COMMIT, DIGEST)
    pinned = PublishedFile(FILE.name, hub=FILE.hub, revision=COMMIT)
    assert file_in_hub_cache(pinned) == found
    assert file_in_hub_cache(PublishedFile("other.pt", hub=FILE.hub)) is None
    assert file_in_hub_cache(PublishedFile(FILE.name, hub=FILE.hub, revision="d" * 40)) is None


def test_what_we_put_there_the_hub_finds_without_a_network(hub_cache):
    partial = partial_in_hub_cache(FILE, DIGEST)
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT)
    ours = put_into_hub_cache(partial, FILE, etag=DIGEST, commit=COMMIT)
    assert file_in_hub_cache(FILE) == ours
    theirs = huggingface_hub.hf_hub_download(
        FILE.hub, FILE.name, cache_dir=hub_cache, local_files_only=True
    )
    assert Path(theirs) == ours.file
    assert ours.file.read_bytes() == CONTENT
    (repository,) = huggingface_hub.scan_cache_dir(hub_cache).repos
    assert repository.size_on_disk == len(CONTENT)
    assert not partial.exists()


def test_putting_it_there_again_mends_it(hub_cache):
    for content in (b"damaged", CONTENT):
        partial = partial_in_hub_cache(FILE, DIGEST)
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        put = put_into_hub_cache(partial, FILE, etag=DIGEST, commit=COMMIT)
        assert put.file.read_bytes() == content


def test_without_links_the_file_itself_is_where_the_link_would_be(hub_cache, monkeypatch):
    def refuse(self, target):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for content in (b"one", b"two"):
        partial = partial_in_hub_cache(FILE, DIGEST)
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        put_into_hub_cache(partial, FILE, etag=DIGEST, commit=COMMIT)
        found = file_in_hub_cache(FILE)
        assert found.file.read_bytes() == content
        assert not found.file.is_symlink()
        assert found.sha256 is None
