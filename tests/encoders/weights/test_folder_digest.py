"""Digest a folder that holds a model."""

import hashlib

import pytest

from mmfeat.encoders.weights.folder_digest import sha256_of_folder


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "code").mkdir()
    for name, text in {"config.json": "{}", "model.py": "a", "code/layers.py": "b"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_it_is_made_of_the_names_and_digests_in_the_order_of_names(folder):
    lines = [
        f"{name}\n{hashlib.sha256(text).hexdigest()}\n"
        for name, text in [("code/layers.py", b"b"), ("config.json", b"{}"), ("model.py", b"a")]
    ]
    assert sha256_of_folder(folder) == hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "code/layers.py").write_text("c"),
        lambda folder: (folder / "code/layers.py").rename(folder / "layers.py"),
        lambda folder: (folder / "new.py").write_text(""),
        lambda folder: (folder / "model.py").unlink(),
    ],
)
def test_every_name_and_every_byte_counts(folder, change):
    before = sha256_of_folder(folder)
    change(folder)
    assert sha256_of_folder(folder) != before


@pytest.mark.parametrize(
    "name", [".cache/huggingface/x.lock", ".gitattributes", "__pycache__/a.pyc"]
)
def test_what_clients_and_python_leave_there_does_not_count(folder, name):
    before = sha256_of_folder(folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x")
    assert sha256_of_folder(folder) == before


def test_links_to_files_count_as_what_they_lead_to(folder, tmp_path_factory):
    """The hub's cache keeps contents elsewhere and links to them."""
    linked = tmp_path_factory.mktemp("snapshot")
    (linked / "code").mkdir()
    for name in ("config.json", "model.py", "code/layers.py"):
        (linked / name).symlink_to(folder / name)
    assert sha256_of_folder(linked) == sha256_of_folder(folder)
