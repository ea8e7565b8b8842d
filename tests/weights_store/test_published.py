"""A published file is in one place, and says so in words."""

import pytest

from mmfeat.encoders import ENCODERS, encoder_class
from mmfeat.weights_store.published import PublishedFile


@pytest.mark.parametrize("places", [{}, {"hub": "a/b", "url": "https://c.org/d"}])
def test_a_file_is_on_the_hub_or_at_an_address_and_not_both(places):
    with pytest.raises(ValueError, match=r"m\.pt: give `hub` or `url`, got "):
        PublishedFile("m.pt", **places)


def test_the_exact_size_is_told_rather_than_the_rough_one():
    file = PublishedFile("a/m.pt", hub="b/c", n_bytes=12_345_678, about_bytes=12_000_000)
    assert file.in_words == "a/m.pt of huggingface.co/b/c (12.3 MB)"
    assert file.file_name == "m.pt"


def test_what_is_asked_of_a_server_is_no_part_of_the_place():
    file = PublishedFile("m.pt", url="https://zenodo.org/records/1/files/m.pt?download=1")
    assert file.in_words == "m.pt of zenodo.org/records/1/files"


@pytest.mark.parametrize("name", ENCODERS)
def test_the_published_files_of_every_encoder_are_well_formed(name):
    source = encoder_class(name).weights_source
    for file in () if source is None else source.published:
        assert file.in_words in source.where
        if file.url is not None:
            assert file.url.startswith("https://")
            assert file.file_name in file.url
        else:
            owner, _, repository = file.hub.partition("/")
            assert owner
            assert repository.replace("-", "").replace("_", "").isalnum()
        assert file.md5 is None or len(file.md5) == 32
        assert file.sha256 is None or len(file.sha256) == 64
