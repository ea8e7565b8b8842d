"""An encoder is made by its name, and what it lacks is said before anything is built."""

import pytest

from mmfeat import encoders
from mmfeat.errors import EncoderError

from .published_weights import SMALL_OPTIONS, write_weights


def test_an_unknown_name_answers_with_the_nearest_and_all_that_there_are():
    with pytest.raises(EncoderError, match=r"unknown encoder `merlni`; did you mean `merlin`\? Th"):
        encoders.create("merlni")
    with pytest.raises(EncoderError, match=f"There are: {', '.join(encoders.ENCODERS)}$"):
        encoders.create("x")


@pytest.mark.parametrize("name", ["ct-fm", "merlin"])
def test_an_encoder_that_needs_a_file_says_which_and_its_licence(name, tmp_path):
    source = encoders.encoder_class(name).weights_source
    with pytest.raises(EncoderError, match="needs its weights, ") as caught:
        encoders.create(name)
    assert source.where in str(caught.value)
    assert source.licence in str(caught.value)
    with pytest.raises(EncoderError, match=r"lost\.pt: no such file; it is ") as caught:
        encoders.create(name, weights=tmp_path / "lost.pt")
    assert source.where in str(caught.value)


@pytest.mark.parametrize("name", ["slices-lite0", "intensity-stats"])
def test_a_file_that_nobody_asked_for_is_refused(name, tmp_path):
    with pytest.raises(EncoderError, match=f"{name}: takes no weights file; leave out `weights`"):
        encoders.create(name, weights=tmp_path)


def test_options_are_checked_before_weights():
    with pytest.raises(EncoderError, match=r"unknown option `recpie`; did you mean `recipe`\?"):
        encoders.create("ct-fm", options={"recpie": "card"})


def test_making_an_encoder_reads_its_file_only_for_the_digest(tmp_path):
    file = tmp_path / "torn.pt"
    file.write_bytes(b"PK torn")
    encoder = encoders.create("merlin", weights=file, device="cpu")
    with pytest.raises(EncoderError, match=r"torn\.pt: torn or damaged .*; download it again"):
        encoder.load()


def test_the_identity_does_not_say_where_the_weights_lie_or_what_runs_them(tmp_path):
    here = write_weights("merlin", tmp_path)
    there = tmp_path / "elsewhere.pt"
    there.write_bytes(here.read_bytes())
    one = encoders.create("merlin", weights=here, device="cpu", options=SMALL_OPTIONS["merlin"])
    other = encoders.create("merlin", weights=there, device="auto", options=SMALL_OPTIONS["merlin"])
    assert encoders.identity(one) == encoders.identity(other)
