"""One record for each encoder names its weights; what is replaced or forgotten goes."""

import dataclasses
import json
from pathlib import Path

import pytest

from mmfeat.errors import EncoderError
from mmfeat.weights_store.folder import WeightsStore, store_folder, write_beside
from mmfeat.weights_store.record import WeightsRecord


@pytest.fixture
def put(store):
    """A function that keeps a file in the store, and remembers it."""

    def run(encoder="ct-fm", content=b"one", name="m.pt") -> WeightsRecord:
        file = store.place_for(encoder, name, f"{content.hex():0<64}")
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        record = WeightsRecord(
            encoder=encoder,
            file=file,
            source="https://example.org/m.pt",
            revision=None,
            etag='"one"',
            n_bytes=len(content),
            sha256=f"{content.hex():0<64}",
            compared_with="MD5",
            code_licence="MIT",
            weights_licence="MIT",
            trained_on=("NLST", "LIDC"),
            added="2026-01-01T00:00:00+00:00",
            added_by="0.1.0",
        )
        store.remember(record)
        return record

    return run


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"MMFEAT_WEIGHTS": "/a", "XDG_CACHE_HOME": "/c"}, "/a"),
        ({"MMFEAT_WEIGHTS": "~/a"}, str(Path.home() / "a")),
        ({"XDG_CACHE_HOME": "/c"}, "/c/mmfeat/weights"),
        ({"MMFEAT_WEIGHTS": ""}, str(Path.home() / ".cache/mmfeat/weights")),
    ],
)
def test_the_folder_is_the_named_one_or_in_the_cache_of_the_user(environment, folder):
    assert store_folder(environment) == Path(folder)


def test_what_is_put_is_remembered_wherever_the_folder_is_moved_to(store, put, tmp_path):
    record = put()
    assert store.record("ct-fm") == record
    assert store.keeps(record)
    moved = store.root.rename(tmp_path / "moved")
    found = WeightsStore(moved).record("ct-fm")
    assert found.file.is_relative_to(moved)
    assert found.file.read_bytes() == b"one"


def test_another_file_of_the_same_name_takes_its_place_and_the_old_one_goes(store, put):
    old, new = put(), put(content=b"two")
    assert store.record("ct-fm") == new
    assert not old.file.parent.exists()
    assert new.file.read_bytes() == b"two"


def test_remembering_the_same_file_again_keeps_it(store, put):
    record = put()
    store.remember(record)
    assert record.file.read_bytes() == b"one"


def test_forgetting_removes_what_the_folder_keeps_and_nothing_else(store, put, tmp_path):
    kept = put()
    assert store.forget("ct-fm") == kept
    assert not kept.file.exists()
    assert store.forget("ct-fm") is None
    elsewhere = tmp_path / "m.pt"
    elsewhere.write_bytes(b"mine")
    store.remember(dataclasses.replace(kept, file=elsewhere))
    assert not store.keeps(store.record("ct-fm"))
    store.forget("ct-fm")
    assert elsewhere.exists()


def test_encoders_and_unfinished_files_are_listed(store, put):
    assert (store.encoders(), store.unfinished()) == ([], [])
    put("voco-b")
    put("ct-fm")
    partial = store.partial_for("merlin", "m.pt")
    partial.parent.mkdir()
    partial.touch()
    assert store.encoders() == ["ct-fm", "voco-b"]
    assert store.unfinished() == [partial]


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"format": "x"}', '{"format": "mmfeat weights 1"}']
)
def test_a_damaged_record_is_one_line_with_its_place(store, put, damage):
    put()
    path = store.root / "ct-fm" / "weights.json"
    path.write_text(damage)
    with pytest.raises(EncoderError, match="damaged, or of another version") as caught:
        store.record("ct-fm")
    assert str(caught.value).startswith(f"{path}: ")


def test_a_record_beside_a_file_names_it_without_its_folder(put, tmp_path):
    file = tmp_path / "m.pt"
    path = write_beside(dataclasses.replace(put(), file=file))
    assert path == tmp_path / "m.pt.json"
    assert json.loads(path.read_text())["file"] == "m.pt"


def test_a_folder_that_cannot_be_written_to_says_which_and_what_to_do(put, store, tmp_path):
    record = put()
    (tmp_path / "in-the-way").write_text("a file")
    other = WeightsStore(tmp_path / "in-the-way")
    with pytest.raises(EncoderError, match=r"in-the-way: cannot be written to .*MMFEAT_WEIGHTS"):
        other.remember(record)
