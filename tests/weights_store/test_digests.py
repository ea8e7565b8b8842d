"""A file is one of the published ones, or may be, or is none of them."""

import hashlib

import pytest

from mmfeat.weights_store.digests import Comparison, compare
from mmfeat.weights_store.published import PublishedFile

CONTENT = b"weights"
MD5 = hashlib.md5(CONTENT).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def published(name="m.pt", **known):
    return PublishedFile(name, hub="a/b", **known)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "m.pt"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize(
    ("known", "equal"),
    [
        ({"md5": MD5}, ("MD5",)),
        ({"sha256": SHA256}, ("SHA-256",)),
        ({"sha256": SHA256, "md5": MD5, "n_bytes": 7}, ("SHA-256", "MD5")),
        ({}, ()),
    ],
)
def test_all_that_is_known_is_compared(file, known, equal):
    assert compare(file, [published(**known)]) == Comparison(equal, None)


@pytest.mark.parametrize(
    ("known", "difference"),
    [
        ({"md5": "0" * 32}, f"MD5 {MD5} instead of {'0' * 32}"),
        ({"sha256": SHA256, "md5": "0" * 32}, f"MD5 {MD5} instead of"),
        ({"sha256": "0" * 64}, f"SHA-256 {SHA256} instead of"),
        ({"sha256": SHA256, "n_bytes": 8}, "7 bytes instead of 8"),
    ],
)
def test_one_difference_is_enough(file, known, difference):
    found = compare(file, [published(**known)]).difference
    assert found.startswith(f"{file}: not the file published as m.pt: {difference}")


def test_of_several_it_has_to_be_one(file):
    others = [published("x.pt", md5="0" * 32), published("y.pt", md5=MD5)]
    assert compare(file, others) == Comparison(("MD5",), None)
    assert "published as x.pt" in compare(file, others[:1]).difference


def test_it_may_be_one_of_which_nothing_is_known_unless_it_is_called_like_another(file):
    unknown = published("unknown.pt")
    assert compare(file, [published("x.pt", md5="0" * 32), unknown]) == Comparison((), None)
    named_so = compare(file, [published("m.pt", md5="0" * 32), unknown])
    assert "not the file published as m.pt" in named_so.difference
