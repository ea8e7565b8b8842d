"""A file from elsewhere becomes the weights of an encoder after the same proof."""

import pytest

from mmfeat import encoders
from mmfeat.errors import EncoderError
from mmfeat.progress import Silent
from mmfeat.stages.weights.adding import add_weights
from mmfeat.weights_store.folder import WeightsStore

from .conftest import NAME


def test_an_added_file_is_copied_proven_and_used(weights_file):
    record = add_weights(NAME, weights_file, progress=Silent())
    assert record.file != weights_file
    assert record.file.is_relative_to(WeightsStore().root)
    assert record.file.read_bytes() == weights_file.read_bytes()
    assert record.source == str(weights_file)
    assert encoders.create(NAME, device="cpu").weights_sha256 == record.sha256
    assert WeightsStore().unfinished() == []


def test_a_file_may_stay_where_it_is(weights_file):
    record = add_weights(NAME, weights_file, leave_there=True, progress=Silent())
    assert record.file == weights_file
    assert encoders.weights_on_this_machine(NAME).kept_in == "elsewhere"


def test_weights_are_replaced_only_when_that_is_asked_for(weights_file):
    first = add_weights(NAME, weights_file, progress=Silent())
    with pytest.raises(EncoderError, match=r"has its weights in .*--overwrite to replace them"):
        add_weights(NAME, weights_file, progress=Silent())
    linked = add_weights(NAME, weights_file, leave_there=True, overwrite=True, progress=Silent())
    assert not first.file.exists()
    assert WeightsStore().record(NAME) == linked


def test_a_file_of_another_encoder_is_refused_and_nothing_is_kept(weights_file):
    with pytest.raises(EncoderError, match="not the weights of this encoder: missing: "):
        add_weights("medicalnet-10", weights_file, progress=Silent())
    assert not WeightsStore().root.exists()


def test_a_file_with_another_digest_than_the_published_one_is_refused(weights_file):
    with pytest.raises(EncoderError, match=r"not the file published as VoCo_B_SSL_head\.pt: MD5 "):
        add_weights("voco-b", weights_file, progress=Silent())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("intensity-stats", "takes no weights file"),
        ("slices-lite0", "takes no weights file"),
        ("hub-folder", "which weights it takes depends on its settings; name them there"),
    ],
)
def test_encoders_that_take_no_such_file_say_so(weights_file, name, message):
    with pytest.raises(EncoderError, match=message):
        add_weights(name, weights_file, progress=Silent())


@pytest.mark.parametrize("name", [NAME, "voco-b"])
def test_a_file_that_is_not_there_is_one_line(tmp_path, name):
    with pytest.raises(EncoderError, match=r"lost\.pt: no such file"):
        add_weights(name, tmp_path / "lost.pt", progress=Silent())
