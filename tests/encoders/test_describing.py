"""What a user is told of every encoder before it is made."""

import json
from pathlib import Path

import pytest

from mmfeat.encoders import ENCODERS, encoder_class
from mmfeat.encoders.describing import all_encoders, describe
from mmfeat.encoders.public_collections import COLLECTIONS

COLLECTION_NAMES = {collection.name for collection in COLLECTIONS}


@pytest.fixture(autouse=True)
def _an_empty_folder_of_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("MMFEAT_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)


@pytest.mark.parametrize("name", ENCODERS)
def test_facts_say_what_a_user_should_know(name):
    kind = encoder_class(name)
    facts = kind.facts
    assert facts.body
    assert facts.code_licence
    assert facts.training_sets
    assert set(facts.trained_on) <= COLLECTION_NAMES
    if kind.weights_source is None:
        assert (facts.weights_licence, facts.training_sets) == ("-", "nothing")
    else:
        assert kind.weights_source.licence == facts.weights_licence


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_is_described_in_plain_json(name):
    described = describe(name)
    shown = json.loads(json.dumps(described.to_json()))
    assert (shown["name"], shown["summary"]) == (name, encoder_class(name).summary)
    assert shown["input"]
    assert shown["facts"]["body"] == encoder_class(name).facts.body
    assert (shown["weights"] is None) == (described.weights_in_words == "none needed")


def test_all_encoders_begin_with_those_of_the_table():
    assert all_encoders()[: len(ENCODERS)] == tuple(ENCODERS)


def test_options_change_what_is_described():
    defaults = {key: option.default for key, option in encoder_class("ct-fm").options.items()}
    assert describe("ct-fm", defaults | {"recipe": "card"}).input.startswith("the whole scan")


def test_a_recipe_file_fills_in_what_is_else_open():
    assert describe("hub-folder").input == "as its recipe file says"
    assert describe("hub-folder").embedding_size is None
    described = describe("hub-folder", recipe_file=Path("voxelfm"))
    assert "14 x 14 x 14" in described.input
    assert described.embedding_size == 864


def test_weights_that_are_not_here_can_be_fetched_and_then_are_here(tmp_path, monkeypatch):
    assert describe("merlin").weights_in_words == "not here; mmfeat encoders fetch merlin"
    assert describe("merlin").here is None
    snapshot = tmp_path / "hub" / "hub" / "models--stanfordmimi--Merlin"
    (published,) = encoder_class("merlin").weights_source.published
    (snapshot / "snapshots" / "abc").mkdir(parents=True)
    (snapshot / "refs").mkdir()
    (snapshot / "refs" / "main").write_text("abc")
    file = snapshot / "snapshots" / "abc" / published.name
    file.write_bytes(b"weights")
    described = describe("merlin")
    assert described.weights_in_words == f"here: {described.here.file}"
    assert described.to_json()["weights_here"]["kept_in"] == "hub cache"
    assert described.here.file.read_bytes() == b"weights"


@pytest.mark.parametrize(
    ("body", "name", "is_for"),
    [
        ("chest", "colipri", True),
        ("chest", "ct-fm", True),  # of the whole body
        ("chest", "random-segresnet", True),
        ("chest", "suprem-segresnet", False),
        ("Head", "voco-b", True),
        ("head", "merlin", False),
        ("abdomen", "hub-folder", True),  # who knows
    ],
)
def test_an_encoder_is_for_its_part_of_the_body_or_for_all_of_it(body, name, is_for):
    assert describe(name).is_for(body) == is_for
