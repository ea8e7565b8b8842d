"""Weights are found without being named, by a stated rule, and never when they have changed."""

import dataclasses
import hashlib

import pytest

from mmfeat import encoders
from mmfeat.encoders.weights.found_weights import find_weights, recorded_weights
from mmfeat.errors import EncoderError
from mmfeat.provenance import sha256_of_file
from mmfeat.weights_store.folder import WeightsStore
from mmfeat.weights_store.hub_cache import partial_in_hub_cache, put_into_hub_cache
from mmfeat.weights_store.record import WeightsRecord

from ..recipe_files import SMALL_RECIPE_OPTIONS, write_published

NAME = "suprem-segresnet"
OPTIONS = SMALL_RECIPE_OPTIONS[NAME]


@pytest.fixture
def source():
    return encoders.encoder_class(NAME).weights_source


@pytest.fixture
def remember(tmp_path):
    """A function that makes a small file the weights of an encoder."""

    def run(file=None, encoder=NAME) -> WeightsRecord:
        file = write_published(NAME, tmp_path / "own.pth") if file is None else file
        record = WeightsRecord(
            encoder=encoder,
            file=file,
            source="here",
            revision=None,
            etag=None,
            n_bytes=file.stat().st_size,
            sha256=sha256_of_file(file),
            compared_with=None,
            code_licence="MIT",
            weights_licence="MIT",
            trained_on=(),
            added="2026-01-01T00:00:00+00:00",
            added_by="0.1.0",
        )
        WeightsStore().remember(record)
        return record

    return run


@pytest.fixture
def in_hub_cache(source):
    """A function that puts a file into the hub's cache, as if another program had fetched it."""

    def run(seed=1):
        (published,) = source.published
        partial = partial_in_hub_cache(published, "new")
        partial.parent.mkdir(parents=True, exist_ok=True)
        write_published(NAME, partial, seed)
        digest = hashlib.sha256(partial.read_bytes()).hexdigest()
        return put_into_hub_cache(partial, published, etag=digest, commit="c" * 40)

    return run


def test_nothing_is_found_where_nothing_is(source):
    assert find_weights(NAME, source) is None
    assert encoders.weights_on_this_machine(NAME) is None
    assert encoders.weights_on_this_machine("intensity-stats") is None


def test_what_was_fetched_or_added_goes_before_the_cache_of_the_hub(source, remember, in_hub_cache):
    cached = in_hub_cache()
    found = find_weights(NAME, source)
    assert (found.kept_in, found.file, found.sha256) == ("hub cache", cached.file, cached.sha256)
    assert found.record is None
    record = remember()
    found = find_weights(NAME, source)
    assert (found.kept_in, found.file, found.record) == ("elsewhere", record.file, record)
    record.file.unlink()
    assert find_weights(NAME, source).kept_in == "hub cache"


def test_a_record_of_a_file_in_the_hub_s_cache_says_so(remember, in_hub_cache):
    remember(in_hub_cache().file)
    assert recorded_weights(NAME).kept_in == "hub cache"


def test_packages_go_before_the_hub_s_cache_and_after_what_was_added(
    source, remember, in_hub_cache
):
    packaged = dataclasses.replace(source, packages=("json", "email"))
    in_hub_cache()
    found = find_weights(NAME, packaged)
    assert (found.kept_in, found.file) == ("packages", None)
    missing = dataclasses.replace(source, packages=("json", "no_such_package"))
    assert find_weights(NAME, missing).kept_in == "hub cache"
    remember()
    assert find_weights(NAME, packaged).kept_in == "elsewhere"


@pytest.mark.parametrize("kept", ["remembered", "hub cache"])
def test_an_encoder_takes_the_weights_that_are_here(remember, in_hub_cache, kept):
    file = remember().file if kept == "remembered" else in_hub_cache().file
    made = encoders.create(NAME, device="cpu", options=OPTIONS)
    assert made.weights_sha256 == sha256_of_file(file)
    made.load()
    named = encoders.create(NAME, weights=file, device="cpu", options=OPTIONS)
    assert encoders.identity(made) == encoders.identity(named)


@pytest.mark.parametrize("kept", ["remembered", "hub cache"])
def test_a_file_that_changed_since_it_came_is_refused(remember, in_hub_cache, kept):
    file = remember().file if kept == "remembered" else in_hub_cache().file
    with file.open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"x")
    with pytest.raises(EncoderError, match=r"is not what it was when it came .*--overwrite") as err:
        encoders.create(NAME, device="cpu", options=OPTIONS)
    assert str(err.value).startswith(f"encoder {NAME}: {file} is not")
    encoders.create(NAME, weights=file, device="cpu", options=OPTIONS)  # named on purpose


def test_a_damaged_record_is_not_passed_over(in_hub_cache):
    in_hub_cache()
    path = WeightsStore().root / NAME / "weights.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(EncoderError, match=r"weights\.json: damaged"):
        encoders.create(NAME, device="cpu", options=OPTIONS)


def test_an_encoder_without_weights_here_says_how_to_get_them(source):
    with pytest.raises(EncoderError) as caught:
        encoders.create(NAME, device="cpu")
    message = str(caught.value)
    assert f"`mmfeat encoders fetch {NAME}`" in message
    assert f"`mmfeat encoders add-weights {NAME} FILE`" in message
    assert source.where in message
    assert source.licence in message
    assert "\n" not in message
